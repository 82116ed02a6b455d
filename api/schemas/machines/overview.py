"""What a machine can do: the memory that its models need, their speed, users and cost, and its last hour."""

from marshmallow import fields, validate

from api.schemas import Answer
from api.schemas.machines.hosts import OnHost
from api.schemas.metrics import grade, interval
from api.schemas.results import moment, session_id

FITS = ["fits", "tight", "split", "tooLarge", None]
DEFAULT_CONTEXT, MIN_CONTEXT, MAX_CONTEXT = 4096, 256, 1_048_576


class OverviewQuery(OnHost):
    context = fields.Integer(
        load_default=DEFAULT_CONTEXT,
        validate=validate.Range(MIN_CONTEXT, MAX_CONTEXT),
        metadata={"description": "The tokens of context that the memory is needed for."},
    )


def number(description: str) -> fields.Float:
    return fields.Float(allow_none=True, metadata={"description": description})


def bytes_of(description: str) -> fields.Integer:
    return fields.Integer(allow_none=True, metadata={"description": f"{description}, in bytes; null if unknown."})


class Room(Answer):
    """The memory that a machine has for models."""

    vram = bytes_of("The memory of its own GPUs together")
    ram = bytes_of("The usable RAM")


class Need(Answer):
    """The memory that a model needs. The parts add up: what was measured, and what is computed from its file."""

    context = fields.Integer(metadata={"description": "Tokens of context, at most those of the model."})
    measured = bytes_of("What the model took in a test, in GPUs and RAM together")
    measured_context = fields.Integer(allow_none=True, metadata={"description": "Tokens of context in that test."})
    weights = bytes_of("The size of its files, if nothing was measured")
    added = bytes_of("What the rest of the context takes, computed from the model's layers and attention heads")
    fit = fields.String(
        allow_none=True,
        metadata={
            "enum": FITS,
            "description": "fits: in the memory of the GPUs, or in RAM without GPUs. tight: computed to fit, with less "
            "than 10 % to spare for the server's computations. split: partly on the CPU. tooLarge: not even so. null: "
            "unknown.",
        },
    )
    notes = fields.List(fields.String(), metadata={"description": "What the numbers rest on, and what is missing."})


class NewestValue(Answer):
    """The newest value of a metric."""

    value = number("The median; null if it is unknown.")
    ci95 = interval("Its 95 % interval, [low, high]; null for fewer than 6 runs.")
    grade = grade()
    session_id = session_id()
    date = moment("When the test ended.")


class TokenCost(Answer):
    """What tokens cost with a number of users at once."""

    users = fields.Integer()
    joules = fields.Float(metadata={"description": "Energy of GPUs and CPU packages for a token."})
    price = number("Price of a million tokens in `currency`; null without PRICE_PER_KWH.")


class ModelOnHost(Answer):
    """A model on the host. Those that are not installed there are known from other hosts."""

    model_name = fields.String()
    installed = fields.Boolean(
        allow_none=True, metadata={"description": "null if the host does not respond, or is not configured."}
    )
    size = bytes_of("The size of its files")
    memory = fields.Nested(Need)
    speed = fields.Nested(
        NewestValue, allow_none=True, metadata={"description": "Tokens per second of decode; null if not measured."}
    )
    wait = fields.Nested(
        NewestValue, allow_none=True, metadata={"description": "Milliseconds of ttft; null if not measured."}
    )
    users = fields.Integer(
        allow_none=True, metadata={"description": "Largest number of users that is served well; null if unknown."}
    )
    costs = fields.List(
        fields.Nested(TokenCost), metadata={"description": "With one user first; empty if no energy was measured."}
    )


class LoadPoint(Answer):
    """What each of some users at once got."""

    users = fields.Integer()
    rate = number("Tokens per second of each answer, median.")
    time_to_first_token = number("ms, median.")
    time_to_first_token95 = number("ms, 95th percentile; null for fewer than 59 answers.")


class CapacityOnHost(Answer):
    """How many users a model serves, from its newest test with many users."""

    model_name = fields.String()
    test_type = fields.String()
    session_id = session_id()
    grade = grade()
    sentence = fields.String(metadata={"description": "The answer in words."})
    users = fields.Integer(
        allow_none=True, metadata={"description": "Largest number of users that is served well; null if none is."}
    )
    ttft_objective = fields.Float(metadata={"description": "Maximum time to the first token of a good answer, in ms."})
    inter_token_objective = fields.Float(metadata={"description": "Maximum time between its later tokens, in ms."})
    points = fields.List(fields.Nested(LoadPoint))


class Question(Answer):
    """A question of an owner and its answer."""

    question = fields.String()
    answer = fields.String()


class Line(Answer):
    """A measure in the last hour, with a value for each time in `at`."""

    name = fields.String()
    label = fields.String()
    unit = fields.String()
    values = fields.List(fields.Float(allow_none=True))
    most = number("The end of its scale, such as the memory of all GPUs; null if it has none.")


class LastHour(Answer):
    """One reading for every 30 seconds of the last hour."""

    start = fields.Integer(metadata={"description": "In ms since 1970, as all times here."})
    end = fields.Integer()
    at = fields.List(fields.Integer())
    lines = fields.List(fields.Nested(Line))


class Overview(Answer):
    """What the machine of a host can do, as far as it was measured or can be computed."""

    host = fields.String()
    problem = fields.String(allow_none=True, metadata={"description": "Why the installed models are unknown."})
    answers = fields.List(fields.Nested(Question))
    room = fields.Nested(Room)
    held_by_others = bytes_of("What other programs hold now of the GPUs' memory, or of RAM without GPUs")
    context = fields.Integer(metadata={"description": "The tokens of context that were asked for."})
    slots = fields.Integer(metadata={"description": "Requests that the server keeps a context for at once."})
    slots_from = fields.String(
        metadata={
            "enum": ["setting", "measured", "default"],
            "description": "setting: OLLAMA_NUM_PARALLEL. measured: the most answers that it wrote at once in a test "
            "with many users. default: neither is known, and 1 is Ollama's default.",
        }
    )
    price_per_kwh = number("The price of electricity; null if it is not set.")
    currency = fields.String(allow_none=True)
    models = fields.List(fields.Nested(ModelOnHost), metadata={"description": "The fastest first."})
    capacity = fields.List(fields.Nested(CapacityOnHost), metadata={"description": "The one with most users first."})
    last_hour = fields.Nested(LastHour)
