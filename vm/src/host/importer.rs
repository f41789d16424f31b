//! Imports from the library inside the binary, as a path hook: the library is an entry of `sys.path` like any other.
//!
//! ```text
//! sys.path = ["/home/me/scripts", …, "/usr/local/bin/tjit/Lib", "/usr/local/lib/python3.14/site-packages"]
//!              └ the script's folder  └ claimed by our hook in sys.path_hooks
//! ```
//!
//! So a module beside the script wins over the library's of the same name, the library wins over installed packages, and
//! programs that change `sys.path` get what they expect. One object per folder of the library is finder and loader at
//! once. Its modules have a `__file__`, and their code names it; `get_source` gives the text to `linecache`, from where
//! tracebacks, `inspect` and debuggers have it.
//!
//! The VM's own finder of frozen modules comes last in `sys.meta_path`. It serves subinterpreters, which have no hook of
//! ours, and programs that throw the library out of `sys.path`.

use rustpython_vm::pymodule;

pub(super) use library_importer::{install, module_def};

/// The module made of `resources.py`, which is frozen.
const RESOURCES: &str = "_tjit_resources";

#[pymodule(name = "_tjit_library")]
mod library_importer {
    use std::borrow::Borrow;

    use rustpython_vm::builtins::{PyCode, PyFunction, PyListRef, PyModule, PyStrInterned, PyStrRef, PyType};
    use rustpython_vm::class::PyClassImpl;
    use rustpython_vm::frozen::FrozenModule;
    use rustpython_vm::function::OptionalArg;
    use rustpython_vm::types::{Constructor, Representable};
    use rustpython_vm::{AsObject, Py, PyObject, PyObjectRef, PyPayload, PyRef, PyResult, VirtualMachine, pyclass};

    use super::RESOURCES;
    use crate::host::{library, library_code, new_code};

    /// What the VM puts into the names of compiled files.
    const CACHE_TAG: &str = "cpython-314";

    /// A folder of the library, as finder and loader of the modules in it.
    #[pyattr]
    #[pyclass(name = "LibraryImporter", module = "_tjit_library")]
    #[derive(Debug, PyPayload)]
    pub(crate) struct LibraryImporter {
        /// The library's path.
        root: &'static PyStrInterned,
        /// The folder's path relative to it; empty for the library itself.
        folder: String,
        /// The package that the folder holds; empty for the library itself.
        package: String,
        /// `importlib`'s class of module specifications.
        spec_class: PyObjectRef,
        /// What `importlib` calls the code of modules through, so that its own frames are left out of tracebacks.
        call: PyObjectRef,
    }

    impl LibraryImporter {
        /// The whole path of one of the library's files.
        fn path(&self, file: &str) -> String {
            format!("{}/{file}", self.root.as_str())
        }

        /// The code of a module, which names the module's file as its own.
        fn code(&self, name: &str, vm: &VirtualMachine) -> PyResult<PyRef<PyCode>> {
            let module = find(name, vm)?;
            let path = vm.ctx.intern_str(self.path(&library::file_of(name, module.package)));
            if let Some(code) = library_code(vm, name, path) {
                return Ok(code);
            }
            let code = PyCode::new_ref_from_frozen(vm, module.code);
            name_file(&code, path);
            Ok(new_code(vm, code))
        }

        /// Says in a specification where the module's file is.
        fn locate(&self, spec: &PyObject, name: &str, package: bool, vm: &VirtualMachine) -> PyResult<PyStrRef> {
            let path = self.path(&library::file_of(name, package));
            let (folder, file) = path.rsplit_once('/').unwrap_or(("", &path));
            if package {
                let folders = vm.ctx.new_list(vec![vm.ctx.new_str(folder).into()]);
                spec.set_attr("submodule_search_locations", folders, vm)?;
            }
            // What importlib would compute, too slowly for every module.
            let cached = format!("{folder}/__pycache__/{}.{CACHE_TAG}.pyc", file.trim_end_matches(".py"));
            spec.set_attr("_cached", vm.ctx.new_str(cached), vm)?;
            let path = vm.ctx.new_str(path);
            spec.set_attr("origin", path.clone(), vm)?;
            spec.set_attr("has_location", vm.ctx.new_bool(true), vm)?;
            Ok(path)
        }
    }

    #[pyclass(with(Constructor, Representable))]
    impl LibraryImporter {
        /// A specification when the module is in this folder of the library, else `None`.
        #[pymethod]
        fn find_spec(
            zelf: PyRef<Self>,
            fullname: PyStrRef,
            _target: OptionalArg<PyObjectRef>,
            vm: &VirtualMachine,
        ) -> PyResult<Option<PyObjectRef>> {
            let name = fullname.to_string_lossy();
            let package = name.rsplit_once('.').map_or("", |(package, _)| package);
            match library::module(&name).filter(|_| package == zelf.package) {
                Some(module) => {
                    let spec = zelf.spec_class.call((fullname.clone(), zelf.clone()), vm)?;
                    zelf.locate(&spec, &name, module.package, vm)?;
                    Ok(Some(spec))
                }
                None => Ok(None),
            }
        }

        #[pymethod]
        fn invalidate_caches(_zelf: &Py<Self>) {}

        #[pymethod]
        fn create_module(_zelf: &Py<Self>, _spec: PyObjectRef, vm: &VirtualMachine) -> PyObjectRef {
            vm.ctx.none()
        }

        #[pymethod]
        fn exec_module(zelf: &Py<Self>, module: PyRef<PyModule>, vm: &VirtualMachine) -> PyResult<()> {
            let name: PyStrRef = module.get_attr("__spec__", vm)?.get_attr("name", vm)?.try_into_value(vm)?;
            let code = zelf.code(&name.to_string_lossy(), vm)?;
            let exec = vm.builtins.get_attr("exec", vm)?;
            zelf.call.call((exec, code, module.dict()), vm)?;
            Ok(())
        }

        #[pymethod]
        fn get_code(zelf: &Py<Self>, fullname: PyStrRef, vm: &VirtualMachine) -> PyResult<PyRef<PyCode>> {
            zelf.code(&fullname.to_string_lossy(), vm)
        }

        #[pymethod]
        fn get_source(_zelf: &Py<Self>, fullname: PyStrRef, vm: &VirtualMachine) -> PyResult {
            let name = fullname.to_string_lossy();
            let module = find(&name, vm)?;
            let source = library::read(&library::file_of(&name, module.package));
            let bytes = vm.ctx.new_bytes(source.unwrap_or_default());
            // As importlib does it: encoding declarations and line ends are looked after.
            let decode = sys_module_named("_frozen_importlib_external", vm)?.get_attr("decode_source", vm)?;
            decode.call((bytes,), vm)
        }

        #[pymethod]
        fn get_filename(zelf: &Py<Self>, fullname: PyStrRef, vm: &VirtualMachine) -> PyResult<String> {
            let name = fullname.to_string_lossy();
            Ok(zelf.path(&library::file_of(&name, find(&name, vm)?.package)))
        }

        #[pymethod]
        fn is_package(_zelf: &Py<Self>, fullname: PyStrRef, vm: &VirtualMachine) -> PyResult<bool> {
            Ok(find(&fullname.to_string_lossy(), vm)?.package)
        }

        #[pymethod]
        fn get_data(zelf: &Py<Self>, path: PyStrRef, vm: &VirtualMachine) -> PyResult<PyObjectRef> {
            let path = path.to_string_lossy();
            let file = path.strip_prefix(zelf.root.as_str()).map(|file| file.trim_start_matches('/'));
            match file.and_then(library::read) {
                Some(contents) => Ok(vm.ctx.new_bytes(contents).into()),
                None => {
                    let message = format!("'{path}' is not a file of the library");
                    let class = vm.ctx.exceptions.file_not_found_error.to_owned();
                    Err(vm.new_exception_msg(class, message.into()))
                }
            }
        }

        /// Names in a folder of the library, by its whole path; `None` when there is no such folder.
        #[pymethod]
        fn list_folder(zelf: &Py<Self>, path: PyStrRef, vm: &VirtualMachine) -> PyObjectRef {
            let path = path.to_string_lossy();
            let folder = path.strip_prefix(zelf.root.as_str()).map(|folder| folder.trim_matches('/'));
            let Some(folder) = folder.filter(|folder| library::is_folder(folder)) else { return vm.ctx.none() };
            let names = library::list(folder).into_keys().map(|name| vm.ctx.new_str(name).into());
            vm.ctx.new_list(names.collect()).into()
        }

        /// A package's data files, for `importlib.resources`.
        #[pymethod]
        fn get_resource_reader(zelf: PyRef<Self>, fullname: PyStrRef, vm: &VirtualMachine) -> PyResult {
            let name = fullname.to_string_lossy();
            if !find(&name, vm)?.package {
                return Ok(vm.ctx.none());
            }
            let folder = zelf.path(&name.replace('.', "/"));
            vm.import(RESOURCES, 0)?.get_attr("LibraryReader", vm)?.call((zelf, folder), vm)
        }

        /// Names of the modules in this folder and whether they are packages: what `pkgutil` asks for.
        #[pymethod]
        fn iter_modules(zelf: &Py<Self>, prefix: OptionalArg<PyStrRef>, vm: &VirtualMachine) -> PyObjectRef {
            let prefix = prefix.into_option().map(|prefix| prefix.to_string_lossy().into_owned()).unwrap_or_default();
            let mut found = Vec::new();
            for (entry, is_folder) in library::list(&zelf.folder) {
                let Some(name) = (if is_folder { Some(entry) } else { entry.strip_suffix(".py") }) else { continue };
                let dotted = if zelf.package.is_empty() { name.to_owned() } else { format!("{}.{name}", zelf.package) };
                if library::module(&dotted).is_some_and(|module| module.package == is_folder) {
                    found.push(vm.new_tuple((format!("{prefix}{name}"), is_folder)).into());
                }
            }
            vm.ctx.new_list(found).into()
        }
    }

    impl Constructor for LibraryImporter {
        type Args = (PyStrRef,);

        /// The path hook: claims the library's path and the folders below it.
        fn py_new(_class: &Py<PyType>, (path,): Self::Args, vm: &VirtualMachine) -> PyResult<Self> {
            let root = root(vm);
            let text = path.to_string_lossy();
            let folder = match text.strip_prefix(root.as_str()) {
                Some("") => Some(""),
                Some(below) => below.strip_prefix('/').filter(|folder| library::is_folder(folder)),
                None => None,
            };
            let Some(folder) = folder else {
                let message = format!("'{text}' is not a folder of the library");
                return Err(vm.new_import_error(message, vm.ctx.new_str("")));
            };
            let importlib = sys_module_named("_frozen_importlib", vm)?;
            Ok(Self {
                root,
                folder: folder.to_owned(),
                package: folder.replace('/', "."),
                spec_class: importlib.get_attr("ModuleSpec", vm)?,
                call: importlib.get_attr("_call_with_frames_removed", vm)?,
            })
        }
    }

    impl Representable for LibraryImporter {
        fn repr_str(zelf: &Py<Self>, _vm: &VirtualMachine) -> PyResult<String> {
            Ok(format!("<LibraryImporter '{}'>", zelf.path(&zelf.folder)))
        }
    }

    /// Puts the hook for the library before those for folders and archives, frozen modules after all others, and gives the
    /// modules that the VM imported while it started the same files, sources and loader as all others.
    ///
    /// # Errors
    /// Exceptions from `sys` and `importlib`, when a program got at them first.
    pub(crate) fn install(vm: &VirtualMachine) -> PyResult<()> {
        let class = LibraryImporter::make_static_type();
        let hooks: PyListRef = vm.sys_module.get_attr("path_hooks", vm)?.try_into_value(vm)?;
        hooks.borrow_vec_mut().insert(0, class.clone().into());
        let frozen = sys_module_named("_frozen_importlib", vm)?.get_attr("FrozenImporter", vm)?;
        let finders: PyListRef = vm.sys_module.get_attr("meta_path", vm)?.try_into_value(vm)?;
        finders.borrow_vec_mut().retain(|finder| !finder.is(&frozen));
        finders.borrow_vec_mut().push(frozen);
        let importer: PyRef<LibraryImporter> =
            class.as_object().call((root(vm).to_owned(),), vm)?.try_into_value(vm)?;
        for (name, module) in library::startup_modules() {
            if let Ok(loaded) = sys_module_named(name, vm) {
                let spec = loaded.get_attr("__spec__", vm)?;
                spec.set_attr("loader", importer.clone(), vm)?;
                loaded.set_attr("__loader__", importer.clone(), vm)?;
                let path = importer.locate(&spec, name, module.package, vm)?;
                loaded.set_attr("__file__", path.clone(), vm)?;
                let path = vm.ctx.intern_str(path.to_string_lossy().into_owned());
                for (_, value) in loaded.dict().into_iter().flatten() {
                    name_file_of_value(&value, name, path, vm);
                }
            }
        }
        Ok(())
    }

    /// The library's path, as the host configured it.
    fn root(vm: &VirtualMachine) -> &'static PyStrInterned {
        vm.ctx.intern_str(vm.state.config.paths.stdlib_dir.as_deref().unwrap_or_default())
    }

    fn sys_module_named(name: &str, vm: &VirtualMachine) -> PyResult {
        vm.sys_module.get_attr("modules", vm)?.get_item(name, vm)
    }

    fn find(name: &str, vm: &VirtualMachine) -> PyResult<FrozenModule> {
        library::module(name).ok_or_else(|| {
            vm.new_import_error(format!("the library has no module named '{name}'"), vm.ctx.new_str(name))
        })
    }

    /// Makes code, and all code in its constants, say that it comes from `path`.
    fn name_file(code: &Py<PyCode>, path: &'static PyStrInterned) {
        code.set_source_path(path);
        for constant in code.constants.iter() {
            let constant: &PyObject = constant.borrow();
            if let Some(code) = constant.downcast_ref::<PyCode>() {
                name_file(code, path);
            }
        }
    }

    /// The same for the code of functions, and of the functions in classes, that still say `module` for their file.
    fn name_file_of_value(value: &PyObject, module: &str, path: &'static PyStrInterned, vm: &VirtualMachine) {
        if let Some(class) = value.downcast_ref::<PyType>() {
            for (_, value) in class.attributes().attributes(&vm.ctx) {
                if !value.class().is(vm.ctx.types.type_type) {
                    name_file_of_value(&value, module, path, vm);
                }
            }
            return;
        }
        // A class method or a static method holds a function.
        let function = value.get_attr("__func__", vm).unwrap_or_else(|_| value.to_owned());
        let Some(function) = function.downcast_ref::<PyFunction>() else { return };
        if let Ok(code) = function.as_object().get_attr("__code__", vm)
            && let Some(code) = code.downcast_ref::<PyCode>()
            && code.source_path().as_str() == module
        {
            name_file(code, path);
        }
    }
}
