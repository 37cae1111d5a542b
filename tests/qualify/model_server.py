"""A model provider on 127.0.0.1 for tests: the wire formats are real, the replies are scripted.

OpenAI's chat completions (tool calls, JSON in the text), Anthropic's messages, Google's
generateContent. Each request takes the next reply of the script and is kept to be looked at.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: `answers` in the form that was asked for, or `text` as it is, or a
    `status` with a `body`; after `seconds`."""

    answers: dict[str, Any] | None = None
    text: str | None = None
    status: int = 200
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(slots=True)
class Server:
    """The server: where it is, what it will say, and what it was asked."""

    url: str
    script: list[Reply]
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@contextmanager
def serving(*script: Reply) -> Iterator[Server]:
    """A server that gives the replies in order; the last again and again."""
    server = Server("", list(script))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.requests.append(asked)
            server.headers.append({k.lower(): v for k, v in self.headers.items()})
            server.paths.append(self.path)
            reply = server.script.pop(0) if len(server.script) > 1 else server.script[0]
            time.sleep(reply.seconds)
            made = reply.body if reply.status != 200 else _form(self.path, asked, reply)
            body = json.dumps(made).encode()
            try:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                pass

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server.url = f"http://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def _form(path: str, asked: dict[str, Any], reply: Reply) -> dict[str, Any]:
    if path.endswith("/messages"):
        return _anthropic(asked, reply)
    if ":generateContent" in path:
        return _google(asked, reply)
    return _openai(asked, reply)


def _openai(asked: dict[str, Any], reply: Reply) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text}
    reason = "stop"
    if reply.answers is not None and asked.get("tools"):
        reason = "tool_calls"
        call = {"name": asked["tools"][0]["function"]["name"],
                "arguments": json.dumps(reply.answers, ensure_ascii=False)}  # fmt: skip
        message |= {"tool_calls": [{"id": "call_1", "type": "function", "function": call}]}
    elif reply.answers is not None:
        message["content"] = json.dumps(reply.answers, ensure_ascii=False)
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_780_000_000,
        "model": asked["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": reason, "logprobs": None}],
        "usage": {"prompt_tokens": 900, "completion_tokens": 200, "total_tokens": 1100},
    }  # fmt: skip


def _anthropic(asked: dict[str, Any], reply: Reply) -> dict[str, Any]:
    block: dict[str, Any] = {"type": "text", "text": reply.text or ""}
    if reply.answers is not None:
        name = asked["tools"][0]["name"]
        block = {"type": "tool_use", "id": "toolu_1", "name": name, "input": reply.answers}
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": asked["model"],
        "content": [block], "stop_reason": "tool_use" if reply.answers else "end_turn",
        "stop_sequence": None, "usage": {"input_tokens": 900, "output_tokens": 200},
    }  # fmt: skip


def _google(asked: dict[str, Any], reply: Reply) -> dict[str, Any]:
    part: dict[str, Any] = {"text": reply.text or ""}
    if reply.answers is not None:
        declared = asked["tools"][0]
        functions = declared.get("functionDeclarations") or declared["function_declarations"]
        part = {"functionCall": {"name": functions[0]["name"], "args": reply.answers}}
    return {
        "candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": "STOP",
                        "index": 0}],
        "usageMetadata": {"promptTokenCount": 900, "candidatesTokenCount": 200,
                          "totalTokenCount": 1100},
        "modelVersion": "gemini", "responseId": "r1",
    }  # fmt: skip
