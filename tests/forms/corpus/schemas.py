"""Schemas from various tools: older drafts, OpenAPI, form builders."""

from typing import Any

PERSON: dict[str, Any] = {
    "type": "object",
    "properties": {"first_name": {"type": "string"}, "lastName": {"type": "string", "title": "Surname"}},
    "required": ["first_name"],
}

SCHEMAS: dict[str, Any] = {
    "draft 7 definitions": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {"person": PERSON},
        "type": "object",
        "properties": {"sender": {"$ref": "#/definitions/person"}, "receiver": {"$ref": "#/definitions/person"}},
    },
    "merged parts": {
        "allOf": [PERSON, {"properties": {"age": {"type": "integer", "minimum": 0}}, "required": ["age"]}]
    },
    "part with a reference": {
        "$defs": {"base": PERSON},
        "properties": {
            "boss": {"allOf": [{"$ref": "#/$defs/base"}], "title": "The boss", "default": {"first_name": "A"}}
        },
    },
    "titled constants": {
        "type": "string",
        "oneOf": [
            {"const": "a", "title": "First"},
            {"const": "b", "title": "Second", "description": "after the first"},
        ],
    },
    "named enum": {"enum": [1, 2], "enumNames": ["One", "Two"]},
    "several titled constants": {
        "type": "array",
        "uniqueItems": True,
        "items": {"anyOf": [{"enum": [1], "title": "Blue"}, {"enum": [2], "title": "Red"}]},
    },
    "rows of draft 7": {
        "type": "array",
        "items": [{"type": "string", "title": "Word"}, {"type": "integer"}],
        "additionalItems": {"type": "boolean"},
    },
    "pair": {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}], "items": False},
    "type list": {"type": ["string", "integer", "null"]},
    "no type": {"properties": {"a": {"items": {"type": "string"}}, "b": {"maxLength": 3}, "c": {"minimum": 3}}},
    "tagged by OpenAPI": {
        "discriminator": {"propertyName": "type", "mapping": {"c": "#/definitions/Cat", "d": "#/definitions/Dog"}},
        "oneOf": [{"$ref": "#/definitions/Cat"}, {"$ref": "#/definitions/Dog"}],
        "definitions": {
            "Cat": {"type": "object", "properties": {"type": {"type": "string"}, "lives": {"type": "integer"}}},
            "Dog": {"type": "object", "properties": {"type": {"type": "string"}, "breed": {"type": "string"}}},
        },
    },
    "tagged around members": {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "oneOf": [
            {
                "properties": {"way": {"const": "mail"}, "to": {"type": "string", "format": "email"}},
                "required": ["way"],
            },
            {"properties": {"way": {"const": "call"}, "number": {"type": "string"}}, "required": ["way"]},
        ],
    },
    "one of two is needed": {**PERSON, "anyOf": [{"required": ["first_name"]}, {"required": ["lastName"]}]},
    "conditions": {
        "type": "object",
        "properties": {"pet": {"type": "boolean"}},
        "if": {"properties": {"pet": {"const": True}}},
        "then": {"properties": {"kind": {"enum": ["cat", "dog"]}}, "required": ["kind"]},
        "else": {"properties": {"why": {"type": "string"}}},
        "not": {"required": ["robot"]},
    },
    "dependencies of draft 7": {
        "type": "object",
        "properties": {"card": {"type": "string"}, "pets": {"enum": ["none", "some"]}},
        "dependencies": {
            "card": {"properties": {"billing": {"type": "string"}}, "required": ["billing"]},
            "pets": {
                "oneOf": [
                    {"properties": {"pets": {"enum": ["none"]}}},
                    {"properties": {"pets": {"enum": ["some"]}, "how_many": {"type": "integer"}}},
                ]
            },
        },
    },
    "dependent schemas": {
        "type": "object",
        "properties": {"card": {"type": "string"}},
        "dependentSchemas": {"card": {"properties": {"billing": {"type": "string"}}}},
        "dependentRequired": {"billing": ["card"]},
    },
    "keys by pattern": {
        "type": "object",
        "patternProperties": {"^x-": {"type": "string"}, "^port$": {"type": "integer"}},
        "additionalProperties": False,
        "propertyNames": {"maxLength": 9},
    },
    "keys by several patterns": {
        "type": "object",
        "patternProperties": {"^s_": {"type": "string"}, "^n_": {"type": "number"}},
        "additionalProperties": {"type": "boolean"},
    },
    "tree by anchor": {
        "$anchor": "node",
        "type": "object",
        "properties": {"value": {"type": "number"}, "nodes": {"type": "array", "items": {"$ref": "#node"}}},
    },
    "tree by dynamic reference": {
        "$dynamicAnchor": "tree",
        "type": "object",
        "properties": {"name": {"type": "string"}, "of": {"type": "array", "items": {"$dynamicRef": "#tree"}}},
    },
    "tree of the whole": {"type": "object", "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}},
    "by id": {
        "$id": "https://example.invalid/order",
        "properties": {"item": {"$ref": "https://example.invalid/item"}},
        "$defs": {"item": {"$id": "https://example.invalid/item", "type": "string"}},
    },
    "bounds": {
        "type": "object",
        "properties": {
            "more": {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10},
            "draft_4": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
            "huge": {"type": "integer", "maximum": 12345678901234567890},
            "step": {"type": "number", "multipleOf": 0.01},
        },
    },
    "formats": {
        "type": "object",
        "properties": {
            name: {"type": "string", "format": name}
            for name in (
                "email",
                "uri",
                "date",
                "time",
                "date-time",
                "password",
                "textarea",
                "data-url",
                "uuid",
                "color",
            )
        },
    },
    "required but not listed": {"type": "object", "required": ["who"]},
    "exclusive members": {"type": "object", "properties": {"never": False, "always": {"type": "string"}}},
}
