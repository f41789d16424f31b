//! The cryptography under `ssl`: rustls, with ring.

use rustls::crypto::ring;
use rustpython_stdlib::ssl::providers::CryptoExt;

/// Gives the `ssl` module its algorithms. Once per process; later calls do nothing.
pub(super) fn install_provider() {
    let extension = CryptoExt {
        all_cipher_suites: Some(ring::ALL_CIPHER_SUITES),
        default_cipher_suites: Some(ring::DEFAULT_CIPHER_SUITES),
        all_kx_groups: Some(ring::ALL_KX_GROUPS),
        any_supported_key: Some(ring::sign::any_supported_type),
        ticketer: ring::Ticketer::new,
    };
    // It can only fail because a provider is installed, which is then as good.
    let _ = CryptoExt::set_provider(ring::default_provider(), extension);
}
