# The page's commands for dead letters, in the variable BLOCK, beside a `cargo local` that gives up
# on a message after one receive.
# shellcheck shell=bash
aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL_SQS" "$@"; }
queue=${EVENT_QUEUE_URL##*/}
output() { echo "arn:aws:sqs:us-east-1:000000000000:${queue%EventQueue}${1%Arn}"; }
depth() {
    aws sqs get-queue-attributes --queue-url "${EVENT_QUEUE_URL%EventQueue}$1" --attribute-names ApproximateNumberOfMessages \
        --query Attributes.ApproximateNumberOfMessages --output text
}
export AWS_DEFAULT_REGION=us-east-1

aws sqs send-message --queue-url "$EVENT_QUEUE_URL" --message-body '{}'
for _ in 1 2; do
    aws sqs receive-message --queue-url "$EVENT_QUEUE_URL" --visibility-timeout 0
done
[ "$(depth EventDeadLetterQueue)" = 1 ]
eval "$BLOCK"
for _ in {1..100}; do
    [ "$(depth EventQueue)" = 1 ] && [ "$(depth EventDeadLetterQueue)" = 0 ] && exit
    sleep 0.1
done
exit 1
