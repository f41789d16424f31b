"""The library's data files for `importlib.resources`, as folders and files to walk through."""

import contextlib
import io
import pathlib
import tempfile

from importlib.resources import as_file
from importlib.resources.abc import Traversable, TraversableResources


class LibraryPath(Traversable):
    def __init__(self, importer, path):
        self._importer = importer
        self._path = path

    def __repr__(self):
        return f"LibraryPath({self._path!r})"

    def __str__(self):
        return self._path

    @property
    def name(self):
        return self._path.rpartition("/")[2]

    def iterdir(self):
        for name in self._importer.list_folder(self._path) or ():
            yield LibraryPath(self._importer, f"{self._path}/{name}")

    def is_dir(self):
        return self._importer.list_folder(self._path) is not None

    def is_file(self):
        try:
            self._importer.get_data(self._path)
        except FileNotFoundError:
            return False
        return True

    def joinpath(self, *descendants):
        return LibraryPath(self._importer, "/".join([self._path, *map(str, descendants)]))

    def open(self, mode="r", *args, **kwargs):
        data = io.BytesIO(self._importer.get_data(self._path))
        return data if "b" in mode else io.TextIOWrapper(data, *args, **kwargs)


class LibraryReader(TraversableResources):
    def __init__(self, importer, path):
        self._files = LibraryPath(importer, path)

    def files(self):
        return self._files


@as_file.register
@contextlib.contextmanager
def library_path_as_file(path: LibraryPath):
    """A copy on disk that keeps its name, which says something for wheels."""
    if path.is_dir():
        with as_file.dispatch(object)(path) as copy:
            yield copy
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder, path.name)
        copy.write_bytes(path.read_bytes())
        yield copy
