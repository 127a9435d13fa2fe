#!/bin/sh
# The bundled encoder from its data, in one command:
#   training/run.sh DATA_FOLDER NOTES.md WORK_FOLDER MODEL_FOLDER [python]
# About 55 minutes on 2 free CPU cores and 5 GB of memory for the static part, 9 minutes on one H200 GPU for the
# contextual one (on CPU cores, which it takes where there is no GPU, days). A run that was stopped goes on where it was.
set -eu
data=$1 notes=$2 work=$3 model=$4 python=${5:-python}
PYTHONPATH=$(cd "$(dirname "$0")/.." && pwd)
export PYTHONPATH OMP_WAIT_POLICY=passive
[ -e "$work/manifest.json" ] || "$python" -m training.prepare "$data" "$work" --notes "$notes"
[ -e "$work/tokenizer.json" ] || "$python" -m training.tokenizer "$work" "$work/tokenizer.json"

# Stage 1: random negatives, pooled loss alone.
[ -e "$work/first/matrix.npy" ] || "$python" -m training.train "$work" "$work/tokenizer.json" "$work/first"
[ -e "$work/topics.npy" ] || "$python" -m training.topics "$work" "$work/first" "$work/topics.npy"

# Stage 2: batches of few topics (hard negatives) and the late-interaction loss.
[ -e "$work/second/matrix.npy" ] || "$python" -m training.train "$work" "$work/tokenizer.json" "$work/second" \
    --start "$work/first/matrix.npy" --topics "$work/topics.npy" --steps 2000 --rate 0.01 --seed 2027 \
    --late-from 0 --late-every 2 --late-scale 30

# The mean of both stages ranks better than either.
[ -e "$work/mean/matrix.npy" ] || "$python" -m training.average "$work/first" "$work/second" "$work/mean"

# Stages 3 to 5, each on from that mean: whole abstracts and paragraphs, and tokens dropped on both sides, so that
# nothing is learned by heart. They part in what they see; the mean of all keeps what they agree on.
stage() {
    name=$1
    shift
    [ -e "$work/$name/matrix.npy" ] || "$python" -m training.train "$work" "$work/tokenizer.json" "$work/$name" \
        --start "$work/mean/matrix.npy" --topics "$work/topics.npy" --max-tokens 256 \
        --late-from 0 --late-every 3 --late-scale 30 "$@"
}
stage third --seed 2031 --rate 0.01 --short-fraction 0.6 --dropped-fraction 0.3 --passage-dropped-fraction 0.3
stage fourth --seed 2041 --rate 0.012 --short-fraction 0.6 --dropped-fraction 0.3 --passage-dropped-fraction 0.2
stage fifth --seed 2042 --rate 0.012 --batch 3072 --short-fraction 0.5 --dropped-fraction 0.25 --passage-dropped-fraction 0.1

# Stage 6: on from their mean, taught by all-MiniLM-L6-v2 what is near what.
members="$work/mean $work/mean $work/third $work/fourth $work/fifth"
[ -e "$work/middle/matrix.npy" ] || "$python" -m training.average $members "$work/middle"
[ -e "$work/teacher.npz" ] || "$python" -m training.teacher "$work"
stage sixth --start "$work/middle/matrix.npy" --teacher "$work/teacher.npz" --steps 1000 --seed 77 --rate 0.012 \
    --short-fraction 0.5 --dropped-fraction 0.25 --passage-dropped-fraction 0.2

"$python" -m training.average $members "$work/sixth" "$work/whole"

# The transformer beside it, on from all-MiniLM-L6-v2.
[ -e "$work/contextual/contextual.pt" ] || "$python" -m training.train_contextual "$work" "$work/whole" "$work/contextual" \
    --topics "$work/topics.npy" --workers 8

"$python" -m training.make_card "$work" "$work/first" "$work/second" "$work/third" "$work/fourth" "$work/fifth" "$work/sixth" \
    --contextual "$work/contextual" ${FIGURES:+--figures "$FIGURES"} > "$work/CARD.md"
"$python" -m training.export "$work/whole" "$model" --format int8 --card "$work/CARD.md"
"$python" -m training.pieces "$model"
"$python" -m training.export_contextual "$work/contextual" "$model"
"$python" -m training.near "$model"
