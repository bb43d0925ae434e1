"""What was named on the command line as a flat list of files: those of a folder, and those in archives, never unpacked.

Nothing of an archive is written anywhere, so no path in it can lead out of a folder. A file in it is read when its turn
comes, up to the size that a hand-in may have. Archives in archives are looked into once, for students hand in zips.
"""

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from harness.errors import InputError
from harness.printable import printable

#: What may be a hand-in, by its name; archives are looked into.
SUFFIXES = (".py", ".ipynb", ".md")
#: What learning systems make of a text that was typed in.
_TYPED_IN = ("onlinetext.html", "_text.html")
#: What a folder may hold beside hand-ins.
_SKIPPED_NAMES = {"readme.md", "__init__.py", "conftest.py", "setup.py"}
#: Of a hand-in, and of an archive that a student handed in.
MAX_BYTES = 8 << 20
_MAX_NESTED_BYTES = 64 << 20
#: Bytes of the directory of an archive in an archive: some twenty thousand files, each of which costs memory.
_MAX_DIRECTORY_BYTES = 2 << 20
_DIRECTORY_END = struct.Struct("<4s4H2LH")
_SKIPPED_FOLDERS = {"__pycache__", ".ipynb_checkpoints", "__macosx", "node_modules", "venv", ".venv"}
#: All that Python's zip reader is known to raise on what is damaged or made with ill will.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError, IndexError)


class Refused(Exception):
    """A file can't be read; the message says why, in one line."""


@dataclass(frozen=True)
class Item:
    """A file.

    Attributes
    ----------
    name : with the folders above it, relative to what was named; safe to show
    modified : the order of resubmissions, where nothing better is known
    read : gives its bytes, or raises `Refused`
    """

    name: str
    modified: datetime
    read: Callable[[], bytes]

    @property
    def parts(self) -> tuple[str, ...]:
        """The folders and the file's own name."""
        return PurePosixPath(self.name).parts

    @property
    def suffix(self) -> str:
        """The ending of its name, in lower case."""
        return PurePosixPath(self.name).suffix.lower()

    @property
    def is_file_of_code(self) -> bool:
        """Whether it may be a hand-in by its name; an archive here is one that can't be looked into."""
        return self.suffix in (*SUFFIXES, ".zip") and self.parts[-1].lower() not in _SKIPPED_NAMES

    @property
    def is_typed_in(self) -> bool:
        """Whether a learning system made it of a text that was typed in; it is a hand-in where such a system did."""
        return self.name.endswith(_TYPED_IN)


def is_archive(path: Path) -> bool:
    """Tell whether a path is an archive, by its name."""
    return path.suffix.lower() == ".zip"


def items_of(path: Path) -> list[Item]:
    """List the files of a folder or an archive, in a fixed order.

    Raises
    ------
    InputError
        When an archive that was named itself can't be read.
    """
    if not path.is_dir():
        try:
            # It stays open as long as there are items of it, or each of them would read the whole directory again.
            archive = zipfile.ZipFile(path)
            found = [item for member in _members(lambda: nullcontext(archive)) for item in _opened(member)]
            return sorted(found, key=lambda item: item.name)
        except _BROKEN as error:
            raise InputError(f"{path} is no zip that can be read: {_told(error)}") from None
    return [found for item in _files(path) for found in _opened(item)]


def _files(root: Path) -> Iterator[Item]:
    for folder, subfolders, names in os.walk(root, followlinks=False):
        kept = [name for name in subfolders if name.lower() not in _SKIPPED_FOLDERS and not name.startswith(".")]
        if ".git" in subfolders:
            yield Item(_shown(Path(folder, ".git").relative_to(root)), _when(0), lambda: b"")
        subfolders[:] = sorted(kept)
        for name in sorted(names):
            if not name.startswith("."):
                yield file_item(Path(folder, name), _shown(Path(folder, name).relative_to(root)))


def file_item(path: Path, name: str) -> Item:
    """Make the item of a file on disk."""
    try:
        modified = path.lstat().st_mtime
    except OSError:
        modified = 0.0
    return Item(name, _when(modified), lambda: _read_file(path, _most(name)))


def _when(seconds: float) -> datetime:
    """A time of a file, which may say anything."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _read_file(path: Path, most: int) -> bytes:
    """Read a file, whatever it may be: a link, a pipe, unreadable, huge."""
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise Refused("it is a symbolic link; hand in the file itself")
        if not stat.S_ISREG(status.st_mode):
            raise Refused("it is no ordinary file")
        _check_size(status.st_size, most)
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"the file can't be read: {error.strerror or error}") from None


def _opened(item: Item) -> Iterator[Item]:
    """The files in an archive that a student handed in, or the file itself."""
    if item.suffix != ".zip":
        yield item
        return
    read = item.read

    def archive() -> zipfile.ZipFile:  # opened for each member, so that no student's archive stays in memory
        content = read()
        _check_directory(content)
        return zipfile.ZipFile(io.BytesIO(content))

    try:
        members = list(_members(archive))
    except Refused as refusal:
        yield Item(item.name, item.modified, _refusing(str(refusal)))
    except _BROKEN as error:
        yield Item(item.name, item.modified, _refusing(f"it is no zip that can be read: {_told(error)}"))
    else:
        for member in members:
            yield Item(f"{item.name}/{member.name}", member.modified, member.read)


def _members(archive: Callable[[], AbstractContextManager[zipfile.ZipFile]]) -> Iterator[Item]:
    with archive() as opened:
        members = opened.infolist()
    for member in members:
        name = _name_of(member)
        parts = PurePosixPath(name).parts
        hidden = any(part.startswith(".") or part.lower() in _SKIPPED_FOLDERS for part in parts)
        if member.is_dir() or not parts or hidden:
            continue
        yield Item(name, _modified(member), _reading(archive, member, _most(name)))


def _check_directory(content: bytes) -> None:
    """Refuse an archive whose directory alone would fill the memory, before it is read into objects."""
    start = content.rfind(b"PK\5\6")
    record = content[start : start + _DIRECTORY_END.size]
    if start < 0 or len(record) < _DIRECTORY_END.size:
        raise Refused("it is no zip that can be read: it has no directory")
    if _DIRECTORY_END.unpack(record)[5] > _MAX_DIRECTORY_BYTES:
        raise Refused("it is a zip of more files than are looked at")


def _most(name: str) -> int:
    return _MAX_NESTED_BYTES if name.lower().endswith(".zip") else MAX_BYTES


def _reading(
    archive: Callable[[], AbstractContextManager[zipfile.ZipFile]], member: zipfile.ZipInfo, most: int
) -> Callable[[], bytes]:
    def read() -> bytes:
        if stat.S_ISLNK(member.external_attr >> 16):
            raise Refused("it is a symbolic link; hand in the file itself")
        if member.flag_bits & 1:
            raise Refused("it is encrypted; hand it in without a password")
        _check_size(member.file_size, most)
        try:
            with archive() as opened, opened.open(member) as file:
                content = file.read(most + 1)  # what the archive says of the size need not be true
        except _BROKEN as error:
            raise Refused(f"the archive that it is in is damaged: {_told(error)}") from None
        _check_size(len(content), most)
        return content

    return read


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise Refused(f"the file has {size:,} bytes, more than the {most:,} allowed")


def _refusing(why: str) -> Callable[[], bytes]:
    def read() -> bytes:
        raise Refused(why)

    return read


def _name_of(member: zipfile.ZipInfo) -> str:
    """The name of a member: decoded as those who zip in Korea mean it, and with nothing that leads upwards."""
    name = member.filename
    if not member.flag_bits & 0x800:  # no mark of UTF-8: Python took it for CP437
        for encoding in ("utf-8", "cp949"):
            try:
                name = member.filename.encode("cp437").decode(encoding)
                break
            except UnicodeError:
                continue
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return _shown(PurePosixPath(*parts)) if parts else ""


def _shown(path: PurePosixPath | Path) -> str:
    return printable(path.as_posix()).replace("\n", "\\n")  # a file's name may be any bytes


def _modified(member: zipfile.ZipInfo) -> datetime:
    try:
        return datetime(*member.date_time, tzinfo=UTC)
    except ValueError:
        return _when(0)


def _told(error: BaseException) -> str:
    return printable(str(error)) or type(error).__name__
