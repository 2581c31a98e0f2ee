"""What ministack asks botocore for: a service's protocol, for the content type of an answer.

To load botocore and the whole models of the services takes a quarter of the CPU time of a start and a first deployment. The
protocol is at the beginning of a model.
"""

import functools
import gzip
import importlib.util
import json
from pathlib import Path
from types import SimpleNamespace

from ministack.core import responses

BEGINNING_BYTES = 4096
METADATA = '"metadata":'


@functools.cache
def service_model(service: str) -> SimpleNamespace | None:
    """The `metadata` of botocore's newest model of a service of ministack, nothing else of it; None if it has no model."""
    spec = importlib.util.find_spec("botocore")
    [package] = spec.submodule_search_locations if spec and spec.submodule_search_locations else []
    folder = Path(package, "data", responses._BOTOCORE_NAME.get(service, service))
    versions = sorted(folder.glob("*/service-2.json.gz"))
    if not versions:
        return None
    with gzip.open(versions[-1], "rt", encoding="utf-8") as model:
        beginning = model.read(BEGINNING_BYTES)
    metadata, _ = json.JSONDecoder().raw_decode(beginning, beginning.index("{", beginning.index(METADATA)))
    return SimpleNamespace(metadata=metadata)


def read_no_more_of_models() -> None:
    """Replaces ministack's own way of looking at a service's protocol."""
    responses._service_model = service_model
