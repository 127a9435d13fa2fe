"""A subject in few words, "databases", 材料方向 -> which works of a corpus are of it.

Somebody who asks for what he rated highest among databases means a part of his notes, not the works
that are nearest to a word. All works are held against it; where these fall into two parts that
are most unlike is where the subject ends. Folders count as much as what a work says: notes on one
subject are often kept together, also those that do not say its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray
from paperrag.index.arrays import holds
from paperrag.index.tables import EntryTable
from paperrag.search.weights import NEAR_SUBJECT, OF_FOLDER, OF_SUBJECT
from paperrag.search.works import MeansOf

MOST_COMPARED = 2000
"""Works that a subject is held against beside those that are asked for: more tell nothing new of
where it ends."""


def rows_of_subject(
    subject: FloatArray, rows: npt.NDArray[np.int64], entries: EntryTable, means: MeansOf
) -> npt.NDArray[np.int64]:
    """Return those of some rows that stand for works of a subject, given by its vector."""
    every = np.unique(entries.units[entries.columns["work"] >= 0])
    others = every[:: max(len(every) // MOST_COMPARED, 1)]
    units = np.unique(np.concatenate([others, entries.units[rows]]))
    folders = [str(PurePosixPath(entries.source(unit)).parent) for unit in units.tolist()]
    is_near = are_of_subject(means(units) @ subject, folders)
    return rows[holds(units[is_near], entries.units[rows])]


def are_of_subject(nearness: FloatArray, folders: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Return which works are of a subject, by how near each is to it and the folder it lies in."""
    _, folder_of = np.unique(folders, return_inverse=True)
    of_folder = np.bincount(folder_of, nearness) / np.bincount(folder_of)
    near = (1 - OF_FOLDER) * nearness + OF_FOLDER * of_folder[folder_of].astype(np.float32)
    leading = float(np.sort(near)[-OF_SUBJECT:].mean())
    is_near: npt.NDArray[np.bool_] = near >= max(parting(near), NEAR_SUBJECT * leading)
    return is_near


def parting(values: FloatArray) -> float:
    """Return the value from which on values are a part of their own: the two parts differ as much
    as they can (Otsu's threshold).
    """
    ordered = np.sort(values.astype(np.float64))
    count = len(ordered)
    if count < 2:
        return float(ordered[0]) if count else 0.0
    below = np.arange(1, count)
    sums = np.cumsum(ordered)
    apart = sums[:-1] / below - (sums[-1] - sums[:-1]) / (count - below)
    return float(ordered[int(np.argmax(below * (count - below) * apart**2)) + 1])
