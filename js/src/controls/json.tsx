/** A part of the answer that no control can draw, written as JSON. */
import { useState } from "preact/hooks";
import { Broken, isSame, type Json, JsonError, parse, write } from "../json";
import type { JsonControl } from "../protocol";
import * as strings from "../strings";
import { attributes, type ControlProps } from "./base";

export function JsonView(props: ControlProps<JsonControl>) {
  const { place, node, readOnly } = props;
  const [typed, type] = useState("");
  const text = isWrittenAs(typed, node) ? typed : textOf(node);
  const problem = node instanceof Broken ? problemOf(node.text) : null;
  const { "aria-describedby": described, ...shared } = attributes(props);
  const ids = [described, problem && `${place.id}-syntax`].filter(Boolean).join(" ");
  return (
    <>
      <textarea
        {...shared}
        class={props.masked ? "field code masked" : "field code"}
        dir="auto"
        rows={Math.min(12, text.split("\n").length)}
        spellcheck={false}
        autocomplete="off"
        readOnly={readOnly}
        aria-invalid={problem !== null || props.flaws !== undefined}
        aria-describedby={ids || undefined}
        value={text}
        onInput={({ currentTarget: { value } }) => {
          type(value);
          place.change(meant(value));
        }}
      />
      {problem !== null && (
        <p id={`${place.id}-syntax`} class="flaw" aria-live="polite">
          {strings.json.invalid(problem)}
        </p>
      )}
    </>
  );
}

function textOf(node: Json | undefined): string {
  if (node === undefined) return "";
  return node instanceof Broken ? node.text : write(node);
}

/** Spaces and line breaks stay as typed while the value equals the value of the text. */
function isWrittenAs(typed: string, node: Json | undefined): boolean {
  if (typed === "" || node === undefined) return false;
  const value = meant(typed);
  if (value instanceof Broken || node instanceof Broken)
    return value instanceof Broken && node instanceof Broken && value.text === node.text;
  return isSame(value, node);
}

function meant(text: string): Json {
  return problemOf(text) === null ? parse(text) : new Broken(text);
}

function problemOf(text: string): string | null {
  if (text.trim() === "") return strings.json.empty;
  try {
    parse(text);
    return null;
  } catch (error) {
    if (error instanceof JsonError) return error.message;
    throw error;
  }
}
