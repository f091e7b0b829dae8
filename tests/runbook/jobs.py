"""The job platform: it starts runs for the user of the sample events, and says what becomes of them."""

import base64
import copy
import json
from itertools import count
from pathlib import Path


class Jobs:
    def __init__(self, project: Path) -> None:
        messages = project / "infra" / "events" / "messages"
        self._samples = {name: json.loads((messages / f"{name}.json").read_text()) for name in ("created", "succeeded")}
        self._runs = count(1)

    def new_run(self) -> str:
        return f"run{next(self._runs):014}"

    def event(self, name: str, run: str, webhooks: list[dict] | None = None) -> dict:
        """A sample event, of another run."""
        event = copy.deepcopy(self._samples[name])
        event["eventData"]["actorRunId"] = event["resource"]["id"] = run
        event.pop("webhooks", None)
        if webhooks:
            event["webhooks"] = base64.b64encode(json.dumps(webhooks).encode()).decode()
        return event
