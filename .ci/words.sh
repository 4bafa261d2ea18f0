#!/bin/sh
# Gathers what the pages say, and puts what is new into each catalogue, untranslated. A test fails
# until it is translated (tests/api/words/test_language.py).
set -eu
part=words
. "$(dirname -- "$0")/common.sh"
python=$root/.venv/bin/python
locale=$root/edge/api/locale
gathered=$(mktemp)
trap 'rm -f "$gathered"' EXIT

cd "$root/edge"
quietly "$python" -m babel.messages.frontend extract --mapping "$locale/babel.cfg" --keyword _ --keyword _n:1,2 --keyword Kind:1 \
    --sort-by-file --no-location --omit-header --output "$gathered" .
for catalogue in "$locale"/*.po; do
    quietly "$python" -m babel.messages.frontend update --input-file "$gathered" --output-file "$catalogue" \
        --locale "$(basename "$catalogue" .po)" --no-fuzzy-matching --ignore-obsolete --no-wrap
done
