//! A small random number generator. Own code because sequences must never change: seeds are test cases.

/// SplitMix64.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A generator; equal seeds give equal sequences.
    pub fn new(seed: u64) -> Self {
        Rng(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    ///
    /// # Panics
    /// When `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.bits() % bound as u64) as usize
    }

    /// True in `percent` of 100 cases.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of the items.
    ///
    /// # Panics
    /// When there is none.
    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// An int that tests like: mostly small, sometimes an edge, sometimes anything.
    pub fn int(&mut self) -> i64 {
        const EDGES: &[i64] =
            &[i64::MIN, i64::MIN + 1, i64::MAX, i64::MAX - 1, -1, 0, 1, 2, 63, 64, 1 << 31, 1 << 53, (1 << 53) + 1];
        match self.below(100) {
            0..70 => self.below(120) as i64 - 20,
            70..88 => self.pick(EDGES),
            _ => self.bits() as i64,
        }
    }

    /// A float that tests like: mostly simple, sometimes an edge, sometimes any bits.
    pub fn float(&mut self) -> f64 {
        const EDGES: &[f64] = &[
            0.0,
            -0.0,
            1.0,
            -1.0,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MIN_POSITIVE,
            5e-324,
            f64::MAX,
            9_223_372_036_854_775_808.0,
            -9_223_372_036_854_775_808.0,
            9_223_372_036_854_774_784.0,
            9_007_199_254_740_993.0,
        ];
        match self.below(100) {
            0..70 => (self.below(4000) as f64 - 1000.0) / 8.0,
            70..95 => self.pick(EDGES),
            _ => f64::from_bits(self.bits()),
        }
    }
}
