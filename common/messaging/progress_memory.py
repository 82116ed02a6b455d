"""The memory of progress messages in Redis, which is bounded however many sessions run and however long they are."""

from redis import Redis

from common.messaging.redis import PROGRESS, progress_of

MB = 1_000_000
ALL_BYTES = 16 * MB
"""Memory of the stream of all sessions."""
SESSION_BYTES = 4 * MB
"""Memory of the stream of one session."""
SESSIONS_BYTES = 128 * MB
"""Memory of the streams of single sessions together. Those whose last message is the oldest are removed."""

ORDER, SIZES = f"{PROGRESS}:order", f"{PROGRESS}:bytes"
"""Keys of the sessions' streams by the time of their last message, and of their sizes with their `total`."""

# KEYS: the stream of all sessions, that of one session, ORDER, SIZES.
# ARGV: the three limits, the seconds that a session's stream lives.
BOUND = """
local function bounded(key, limit)
    local used = redis.call('MEMORY', 'USAGE', key, 'SAMPLES', 0) or 0
    if used > limit then
        local keep = math.floor(0.9 * redis.call('XLEN', key) * limit / used)
        redis.call('XTRIM', key, 'MAXLEN', math.max(1, keep))
        used = redis.call('MEMORY', 'USAGE', key, 'SAMPLES', 0)
    end
    return used
end
local function size(key)
    return tonumber(redis.call('HGET', KEYS[4], key) or 0)
end
bounded(KEYS[1], tonumber(ARGV[1]))
local used = bounded(KEYS[2], tonumber(ARGV[2]))
local total = redis.call('HINCRBY', KEYS[4], 'total', used - size(KEYS[2]))
redis.call('HSET', KEYS[4], KEYS[2], used)
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
redis.call('ZADD', KEYS[3], now, KEYS[2])
while true do
    local oldest = redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')
    local expired = tonumber(oldest[2]) < now - tonumber(ARGV[4])
    if oldest[1] == KEYS[2] or not (expired or total > tonumber(ARGV[3])) then
        break
    end
    total = redis.call('HINCRBY', KEYS[4], 'total', -size(oldest[1]))
    redis.call('HDEL', KEYS[4], oldest[1])
    redis.call('ZREM', KEYS[3], oldest[1])
    redis.call('DEL', oldest[1])
end
"""


def bound(redis: Redis, session_id: str, lifetime_s: int) -> None:
    """Keep within the limits after a message of this session, whose stream expires after `lifetime_s`."""
    script = redis.register_script(BOUND)
    limits = [ALL_BYTES, SESSION_BYTES, SESSIONS_BYTES, lifetime_s]
    script(keys=[PROGRESS, progress_of(session_id), ORDER, SIZES], args=limits)
