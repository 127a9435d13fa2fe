"""The error tree. Every message says what was expected, what came, where, and what to do next.

    PaperRagError
    ├── ConfigError         a setting is unknown, of a wrong type or out of range (also ValueError)
    ├── QueryError          a question, filter or number that cannot be used (also ValueError)
    ├── CorpusError         the corpus folder is missing or unreadable, or has no notes
    ├── EncoderError        an encoder cannot be loaded or returned unusable vectors
    │   └── ShapeError      an array of the wrong width, rank or content (also ValueError)
    ├── IndexError_         the index folder cannot be used
    │   ├── IndexMissing    there is no index yet
    │   ├── IndexMismatch   built with another encoder, format or chunking
    │   │   └── IndexOutdated   built by another version of the program
    │   │       └── RulesOutdated   which differs in its rules alone
    │   ├── IndexCorrupt    a file is truncated, altered or gone
    │   ├── IndexLocked     another process is writing
    │   ├── IndexUnreachable  the database that keeps it does not answer
    │   └── IndexWriteError the folder is read-only or the disk is full
    ├── FetchError          an API or the network failed, or answered what it must not
    │   └── HostUnusable    nothing more is to be asked of that host in this run
    │       └── Unreachable     there is no way to the host; perhaps no network
    ├── PaperFileError      a file of papers cannot be read or written (also ValueError)
    ├── NoteRefused         a note to be added has an unusable name or content (also ValueError)
    ├── FeedbackError       a vote cannot be saved
    ├── HistoryError        conversations cannot be kept or read
    ├── BuildCancelled      building was cancelled; the old index is untouched
    ├── ServeError          the page cannot be served as asked (also ValueError)
    ├── GenerationError     an LLM cannot be reached or its reply cannot be used
    ├── AnswerFileError     a saved answer that cannot be read (also ValueError)
    ├── EvaluationError     a question file that cannot be evaluated (also ValueError)
    └── MissingDependency   an optional library is not installed

Only the command line and the app turn these into sentences; a traceback means a bug.
"""


class PaperRagError(Exception):
    """Base of all errors that a user can do something about."""


class ConfigError(PaperRagError, ValueError):
    """A setting is unknown, of the wrong type or out of range."""


class QueryError(PaperRagError, ValueError):
    """A question, filter or number that cannot be searched for."""


class CorpusError(PaperRagError):
    """The corpus folder is missing or unreadable, or empty where notes are needed."""


class EncoderError(PaperRagError):
    """An encoder cannot be loaded or returned unusable vectors."""


class ShapeError(EncoderError, ValueError):
    """An array has the wrong width, rank or content."""


class IndexError_(PaperRagError):  # noqa: N801  # the builtin keeps its name
    """The index folder cannot be used."""


class IndexMissing(IndexError_):
    """There is no index yet."""


class IndexMismatch(IndexError_):
    """The index was built with another encoder, format or chunking."""


class IndexOutdated(IndexMismatch):
    """The index was built by another version of the program: of another format, or with another
    state of an encoder that comes with it.
    """


class RulesOutdated(IndexOutdated):
    """Only the rules differ by which notes and words are read: such an index can still answer."""


class IndexCorrupt(IndexError_):
    """A file of the index is truncated, altered or gone."""


class IndexLocked(IndexError_):
    """Another process is writing the index."""


class IndexUnreachable(IndexError_):
    """The database that keeps the index does not answer, or refuses."""


class IndexWriteError(IndexError_):
    """The index folder is read-only or the disk is full; the old index is untouched."""


class FetchError(PaperRagError):
    """An API or the network failed, or answered something that is not used."""


class HostUnusable(FetchError):
    """A host is out of reach or asks for patience; nothing more is to be asked of it in this
    run.
    """


class Unreachable(HostUnusable):
    """There is no way to a host; perhaps there is no network."""


class PaperFileError(PaperRagError, ValueError):
    """A file of papers (Atom, JSON, BibTeX, an abstract) cannot be read or written."""


class NoteRefused(PaperRagError, ValueError):
    """A note to be added has an unusable name or content; nothing was written."""


class FeedbackError(PaperRagError):
    """A vote cannot be saved."""


class HistoryError(PaperRagError):
    """Conversations cannot be kept or read."""


class BuildCancelled(PaperRagError):
    """Building was cancelled; the old index is untouched."""


class ServeError(PaperRagError, ValueError):
    """The page cannot be served as asked: an open host without a password, a port in use."""


class GenerationError(PaperRagError):
    """An LLM cannot be reached, or its reply cannot be used; `reason` names which of
    `strings.LLM_FAILED`.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class AnswerFileError(PaperRagError, ValueError):
    """A saved answer that cannot be read."""


class EvaluationError(PaperRagError, ValueError):
    """A question file that cannot be evaluated."""


class MissingDependency(PaperRagError):
    """An optional library is not installed; the message names the install command."""
