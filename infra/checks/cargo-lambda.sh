#!/usr/bin/env bash
# Shows that cargo-lambda runs our functions against a running `cargo local`: an event through
# `ingest`, its delivery through `deliver`, and a receiver that gets the POST. Takes the Python
# environment to use, and installs cargo-lambda into it if it is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PYTHONDONTWRITEBYTECODE=1
venv=$(realpath --no-symlinks "${1:-target/ci-venv}")
[ -x "$venv/bin/cargo-lambda" ] || {
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement infra/checks/requirements.txt
}
export PATH="$venv/bin:$PATH"

mkdir -p target
work=$(mktemp --directory "$PWD/target/cargo-lambda.XXXXXX")
processes=()

clean_up() {
    local status=$?
    [ "${#processes[@]}" -eq 0 ] || kill "${processes[@]}" 2> /dev/null || true
    wait
    [ "$status" -eq 0 ] || tail --lines 20 "$work"/*.log
    rm -r "$work"
}
trap clean_up EXIT

start() {
    "${@:2}" > "$work/$1.log" 2>&1 &
    processes+=($!)
}

wait_for() {
    local what=$1
    shift
    for _ in {1..3000}; do
        ! "$@" || return 0
        [ "$(jobs -pr | wc --lines)" -eq "${#processes[@]}" ] || break
        sleep 0.2
    done
    echo "$what: waited in vain"
    return 1
}

expect() {
    "${@:2}" || {
        echo "not so: $1"
        return 1
    }
    echo "$1"
}

invoke() {
    local answer
    answer=$(cargo lambda invoke --invoke-address 127.0.0.1 --invoke-port "$port" "$1" --data-file "$2")
    expect "$1 answered $answer" test "$answer" = '{"batchItemFailures":[]}'
}

answers() { python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()' "$1" 2> /dev/null; }

# Nothing in `cargo local` itself takes the messages, so each function that runs is one that
# cargo-lambda runs.
start receiver python3 infra/checks/receiver.py "$work"
start local cargo local --port-base 0 --env-dir "$work" --parameter EventsEnabled=false --parameter DeliveriesEnabled=false
wait_for 'the receiver' test -s "$work/receiver.url"
wait_for 'cargo local' test -s "$work/env.json"
# shellcheck source=/dev/null
source "$work/env"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
start watch cargo lambda watch --ignore-changes --invoke-address 127.0.0.1 --invoke-port "$port" --env-file "$work/lambda.env"
wait_for 'cargo lambda watch' answers "$port"

curl --silent --show-error --fail --output /dev/null "$RUNHOOKS_API/v2/webhooks" \
    --header "Authorization: Bearer $RUNHOOKS_TOKEN" --header 'Content-Type: application/json' \
    --data '{"eventTypes":["ACTOR.RUN.SUCCEEDED"],"condition":{"actorId":"fW4MyDhgwtMLrB987"},"requestUrl":"'"$(< "$work/receiver.url")"'"}'

invoke ingest infra/events/succeeded.json
python3 infra/checks/take_deliveries.py > "$work/delivery.json"
invoke deliver "$work/delivery.json"
expect 'the receiver got the event' grep --quiet '"eventType":"ACTOR.RUN.SUCCEEDED".*"actorRunId":"uPBN9qaKd2iLs5naZ"' "$work/received"

# The sample for `deliver` is what `ingest` makes of the sample with ad hoc webhooks, so that the
# two can be tried by hand.
invoke ingest infra/events/created-with-ad-hoc-webhooks.json
python3 infra/checks/take_deliveries.py > "$work/delivery.json"
expect 'deliver.json is a delivery of created-with-ad-hoc-webhooks.json' \
    grep --quiet --fixed-strings "$(grep '"body"' infra/events/deliver.json)" "$work/delivery.json"
