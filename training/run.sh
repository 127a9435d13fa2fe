#!/bin/sh
# The bundled encoder from its data, in one command:
#   training/run.sh DATA_FOLDER NOTES.md WORK_FOLDER MODEL_FOLDER [python]
# About 25 minutes on 2 free CPU cores and 5 GB of memory. A run that was stopped goes on where it was.
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
"$python" -m training.average "$work/first" "$work/second" "$work/mean"
"$python" -m training.make_card "$work" "$work/first" "$work/second" ${FIGURES:+--figures "$FIGURES"} > "$work/CARD.md"
"$python" -m training.export "$work/mean" "$model" --format int8 --card "$work/CARD.md"
