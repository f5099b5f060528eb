"""The API's description as people read it: groups, operations, fields, examples. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from encaisse.api.reference_words import GROUPS, PARAMETERS, SAMPLES, TITLES

Json = Mapping[str, Any]
_DEEPEST = 4
_TYPES = {
    "string": "texte",
    "integer": "entier",
    "number": "nombre",
    "boolean": "true ou false",
    "object": "objet",
    "null": "null",
}
_FORMATS = {
    "uuid": "identifiant (UUID)",
    "date": "jour (AAAA-MM-JJ)",
    "date-time": "moment (ISO 8601)",
}
_SAMPLE_ID = "01a20925-d7e3-7448-9696-8fdd38000124"


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter or a field; a nested one is named with dots, an item of a list with []."""

    name: str
    type: str
    is_required: bool
    note: str


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    title: str
    scope: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    success: int
    answer: tuple[Field, ...]
    problems: tuple[int, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    title: str
    operations: tuple[Operation, ...]


def groups_of(schema: Json, *, host: str, soon: date) -> list[Group]:
    """Read an OpenAPI description made by `description.py`; its examples are for the day `soon`."""
    reader = _Reader(schema, host, soon)
    found: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        for method, details in methods.items():
            tag = details["tags"][0]
            found.setdefault(tag, []).append(reader.operation(method, path, details))
    return [
        Group(tag.replace(" ", "-"), GROUPS.get(tag, tag), tuple(operations))
        for tag, operations in found.items()
    ]


class _Reader:
    """Follows references inside one description."""

    def __init__(self, schema: Json, host: str, soon: date) -> None:
        self._shapes: Json = schema["components"]["schemas"]
        self._host = host
        self._sample_formats = {
            "uuid": _SAMPLE_ID,
            "date": soon.isoformat(),
            "date-time": f"{soon.isoformat()}T10:00:00Z",
        }

    def operation(self, method: str, path: str, details: Json) -> Operation:
        body = details.get("requestBody", {}).get("content", {}).get("application/json", {})
        statuses = {int(status): answer for status, answer in details["responses"].items()}
        success = min(statuses)
        shape = statuses[success]["content"]["application/json"]["schema"]
        name = details["operationId"].removeprefix("encaisse_api_v1_")
        return Operation(
            id=f"{method}{path.removeprefix('/api/v1').replace('/', '-')}".translate(_PLAIN),
            method=method.upper(),
            path=path,
            title=TITLES.get(name) or details["operationId"],
            scope=", ".join(scope for each in details["security"] for scope in each["Scope"]),
            parameters=tuple(self._parameter(each) for each in details["parameters"]),
            body=tuple(self._fields(body["schema"])) if body else (),
            success=success,
            answer=tuple(self._fields(shape)),
            problems=tuple(sorted(status for status in statuses if status >= 400)),
            example=self._curl(method, path, details, body.get("schema")),
        )

    def _parameter(self, details: Json) -> Field:
        shape = details["schema"]
        return Field(
            details["name"],
            self._type(shape),
            bool(details.get("required")),
            PARAMETERS.get(details["name"], "") or _limits(shape),
        )

    def _fields(self, shape: Json, prefix: str = "", depth: int = 0) -> Iterator[Field]:
        shape = self._resolved(shape)
        for name, inner in shape.get("properties", {}).items():
            is_required = name in shape.get("required", ())
            yield Field(f"{prefix}{name}", self._type(inner), is_required, _limits(inner))
            nested, mark = self._nested(inner)
            if nested and depth < _DEEPEST:
                yield from self._fields(nested, f"{prefix}{name}{mark}.", depth + 1)

    def _nested(self, shape: Json) -> tuple[Json | None, str]:
        """Return the shape inside a field, and how its name says that it is a list."""
        shape = self._resolved(_unless_null(shape))
        if shape.get("type") == "array":
            inner = self._resolved(shape["items"])
            return (inner if inner.get("properties") else None), "[]"
        return (shape if shape.get("properties") else None), ""

    def _type(self, shape: Json) -> str:
        if "anyOf" in shape:
            return " ou ".join(self._type(option) for option in shape["anyOf"])
        shape = self._resolved(shape)
        if "const" in shape:
            return f"« {shape['const']} »"
        if "enum" in shape:
            return " ou ".join(f"« {value} »" for value in shape["enum"])
        if shape.get("type") == "array":
            return f"liste ({self._type(shape['items'])})"
        return _FORMATS.get(shape.get("format", ""), _TYPES.get(shape.get("type", ""), "valeur"))

    def _resolved(self, shape: Json) -> Json:
        reference = shape.get("$ref", "")
        found: Json = self._shapes[reference.rsplit("/", 1)[-1]] if reference else shape
        return found

    def _curl(self, method: str, path: str, details: Json, body: Json | None) -> str:
        verb = "" if method == "get" else f" -X {method.upper()}"
        lines = [f'curl{verb} "{self._host}{_sample_path(path)}"']
        lines.append('-H "Authorization: Bearer $ENCAISSE_KEY"')
        if any(each["name"] == "Idempotency-Key" for each in details["parameters"]):
            lines.append('-H "Idempotency-Key: $(uuidgen)"')
        if body is not None:
            sample = json.dumps(self.sample(body), ensure_ascii=False)
            lines += ['-H "Content-Type: application/json"', f"-d '{sample}'"]
        return " \\\n  ".join(lines)

    def sample(self, shape: Json, name: str = "") -> object:
        """Invent the smallest body that the shape accepts."""
        shape = self._resolved(_unless_null(shape))
        if "const" in shape or "enum" in shape:
            return shape.get("const") or shape["enum"][0]
        match shape.get("type"):
            case "object":
                required = shape.get("required", ())
                inner = shape.get("properties", {})
                return {each: self.sample(inner[each], each) for each in required}
            case "array":
                return [self.sample(shape["items"], name)]
            case "integer":
                return SAMPLES.get(name, shape.get("minimum", 1))
            case "boolean":
                return False
            case _:
                return SAMPLES.get(name) or self._sample_formats.get(shape.get("format", ""), name)


_PLAIN = str.maketrans("", "", "{}")


def _sample_path(path: str) -> str:
    """Put an identifier where the path has a name for one."""
    parts = [_SAMPLE_ID if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)


def _unless_null(shape: Json) -> Json:
    options = [each for each in shape.get("anyOf", ()) if each.get("type") != "null"]
    found: Json = options[0] if options else shape
    return found


def _limits(shape: Json) -> str:
    """Say what a value may be: its length, its bounds, its default."""
    shape = _unless_null(shape)
    said = []
    if shape.get("maxLength"):
        said.append(f"{shape['maxLength']} caractères au plus")
    if "exclusiveMinimum" in shape:
        said.append(f"plus de {shape['exclusiveMinimum']}")
    if "minimum" in shape:
        said.append(f"au moins {shape['minimum']}")
    if "maximum" in shape:
        said.append(f"au plus {shape['maximum']}")
    if shape.get("default") not in (None, ""):
        said.append(f"{json.dumps(shape['default'])} si absent")
    return ", ".join(said)
