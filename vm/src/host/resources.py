"""The library's data files for `importlib.resources`, as folders and files to walk through."""

import io

from importlib.resources.abc import Traversable, TraversableResources


class LibraryPath(Traversable):
    def __init__(self, importer, path):
        self._importer = importer
        self._path = path

    def __repr__(self):
        return f"LibraryPath({self._path!r})"

    __str__ = lambda self: self._path

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
