#!/bin/sh
# Tell the mirror network which directories this mirror has: check-in.sh [-n] CATEGORY DIRECTORY [CATEGORY DIRECTORY]...
# -n: only show what would change. The Host's token is in the file $CHECK_IN_TOKEN_FILE (default: ~/.check-in-token).
set -eu; export LC_ALL=C; server=@SERVER@; dry=false; [ "${1-}" != -n ] || { dry=true; shift; }
[ $# -ge 2 ] && [ $(($# % 2)) = 0 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
token=$(cat "${CHECK_IN_TOKEN_FILE:-$HOME/.check-in-token}"); work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; next=
quote() { sed -e 's/[\\"]/\\&/g' -e 's/.*/"&"/'; }
printf '{"dry_run": %s, "categories": {' "$dry" >"$work/body"
while [ $# -ge 2 ]; do (cd "$2" && find . -name '*[[:cntrl:]]*' -prune -o -type d -print) >"$work/found"
  { printf %s "$next"; printf %s "$1" | quote; printf ': ['; sed -e 's|^\.$||' -e 's|^\./||' "$work/found" | quote | sed '$!s/$/,/'; printf ']'; } >>"$work/body"; next=,; shift 2; done
printf '}}' >>"$work/body"; gzip "$work/body"; printf 'header = "Authorization: Bearer %s"\n' "$token" >"$work/config"
code=$(curl --silent --show-error --config "$work/config" --header 'Content-Type: application/json' --header 'Content-Encoding: gzip' --data-binary "@$work/body.gz" --output "$work/answer" --write-out '%{http_code}' "$server/api/v1/check-in/")
cat "$work/answer"; echo; [ "$code" = 200 ]
