#!/usr/bin/env bash
# Writes, updates, deletes and reads the weather of a place with curl: writes go to the table, and reads to the cache.
#
# usage: weather.sh write LOCATION MAX_TEMP MIN_TEMP CHANCES_OF_PRECIPITATION SECONDS_TO_LIVE
#        weather.sh update LOCATION ATTRIBUTE NUMBER
#        weather.sh delete LOCATION
#        weather.sh read LOCATION
#
# TABLE is the output TableName, MOMENTO_ENDPOINT the URL of Momento's HTTP API, and MOMENTO_API_KEY a key that may read the cache.
# AWS_REGION and the credentials are the AWS CLI's variables.
set -euo pipefail

cache=momento-eventbridge-cache

dynamodb() { # OPERATION REQUEST
  local answer
  answer=$(curl --silent --show-error --fail-with-body --aws-sigv4 "aws:amz:$AWS_REGION:dynamodb" \
    --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
    ${AWS_SESSION_TOKEN:+--header "x-amz-security-token: $AWS_SESSION_TOKEN"} \
    --header 'content-type: application/x-amz-json-1.0' --header "x-amz-target: DynamoDB_20120810.$1" \
    --data "$2" "${AWS_ENDPOINT_URL:-https://dynamodb.$AWS_REGION.amazonaws.com}") || {
    echo "$answer" >&2
    exit 1
  }
}

text() { # a string of JSON
  local escaped=${1//\\/\\\\}
  printf '{"S":"%s"}' "${escaped//\"/\\\"}"
}

case "$#:${1:-}" in
  6:write)
    dynamodb PutItem "{\"TableName\":\"$TABLE\",\"Item\":{\"Location\":$(text "$2"),\"MaxTemp\":{\"N\":\"$3\"},
      \"MinTemp\":{\"N\":\"$4\"},\"ChancesOfPrecipitation\":{\"N\":\"$5\"},\"TTL\":{\"N\":\"$(($(date +%s) + $6))\"}}}"
    ;;
  4:update)
    # The condition: an item that has expired meanwhile would come back with this attribute alone, and never expire.
    dynamodb UpdateItem "{\"TableName\":\"$TABLE\",\"Key\":{\"Location\":$(text "$2")},
      \"UpdateExpression\":\"SET #attribute = :value\",\"ConditionExpression\":\"attribute_exists(#key)\",
      \"ExpressionAttributeNames\":{\"#attribute\":\"$3\",\"#key\":\"Location\"},
      \"ExpressionAttributeValues\":{\":value\":{\"N\":\"$4\"}}}"
    ;;
  2:delete) dynamodb DeleteItem "{\"TableName\":\"$TABLE\",\"Key\":{\"Location\":$(text "$2")}}" ;;
  2:read)
    curl --silent --show-error --get --data-urlencode "key=$2" --write-out '\n' \
      --header "authorization: $MOMENTO_API_KEY" "$MOMENTO_ENDPOINT/cache/$cache"
    ;;
  *)
    sed -n '4,7s/^# //p' "$0" >&2
    exit 2
    ;;
esac
