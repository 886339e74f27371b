"""What schemathesis cannot know from the document."""

from typing import Any

import schemathesis


@schemathesis.hook
def filter_body(context: schemathesis.HookContext, body: Any) -> bool:
    """Leaves out flows with two steps of one id, which no schema can rule out."""
    data = body.get("data") if isinstance(body, dict) else None
    steps = data.get("steps") if isinstance(data, dict) else None
    ids = [str(step.get("id")) for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    return len(ids) == len(set(ids))


@schemathesis.deserializer("application/octet-stream")
def octets(context: schemathesis.DeserializationContext, response: schemathesis.Response) -> str:
    """The bytes of a blob, which may be any."""
    return response.content.decode("latin-1")
