/** A number, with the digits as written. Text that is not yet a number stays in the answer as text. */
import { useState } from "preact/hooks";
import { type Json, Num } from "../json";
import { numberFrom, stepped } from "../json/decimal";
import { isComposing } from "../keyboard";
import type { NumberControl } from "../protocol";
import { Shown } from "../shown";
import * as strings from "../strings";
import { attributes, type ControlProps } from "./base";
import { type InputAttributes, Masked } from "./masked";

/** The value that a typed text stands for. */
export function numberOf(typed: string): Json {
  const digits = numberFrom(typed);
  return digits === null ? typed : new Num(digits);
}

/** The text for a value. */
export function digitsOf(node: Json | undefined): string {
  if (node instanceof Num) return node.text;
  return typeof node === "string" ? node : "";
}

export function NumberView(props: ControlProps<NumberControl>) {
  const { control, place, node, readOnly } = props;
  const [typed, type] = useState("");
  const digits = digitsOf(node);
  const text = typed !== "" && digitsOf(numberOf(typed)) === digits ? typed : digits;
  const { "aria-describedby": described, ...shared } = attributes(props);
  const Input = props.masked ? Masked : Plain;
  const bounds = boundsOf(control);
  const ids = [described, bounds && `${place.id}-bounds`].filter(Boolean).join(" ");
  const write = (value: string) => {
    type(value);
    place.change(numberOf(value));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const up = event.key === "ArrowUp";
    if (event.altKey || event.ctrlKey || event.metaKey || isComposing(event)) return;
    if (!up && event.key !== "ArrowDown") return;
    event.preventDefault();
    const next = digits.trim() === "" ? (control.least ?? "0") : stepped(digits, up, control);
    if (next !== null) write(next);
  };
  return (
    <>
      <div class="joined">
        <Input
          {...shared}
          class="field number"
          dir="ltr"
          inputMode={keyboardFor(control)}
          readOnly={readOnly}
          aria-describedby={ids || undefined}
          value={text}
          onInput={({ currentTarget: { value } }) => write(value)}
          onKeyDown={onKeyDown}
        />
        {bounds && (
          <span id={`${place.id}-bounds`} class="hint bounds" dir="auto">
            {bounds}
          </span>
        )}
      </div>
      {typeof node === "string" && node !== "" && !props.flaws && (
        <p class="hint" dir="auto">
          <Shown text={strings.forms.noNumber(node)} />
        </p>
      )}
    </>
  );
}

function Plain(props: InputAttributes) {
  return <input {...props} type="text" autocomplete="off" spellcheck={false} />;
}

/** The keyboards for numbers have no minus on some phones. */
function keyboardFor({ integer, least }: NumberControl): "numeric" | "decimal" | "text" {
  if (least === null || least.startsWith("-")) return "text";
  return integer ? "numeric" : "decimal";
}

function boundsOf({ integer, least, most, step }: NumberControl): string {
  const { from, upTo, between, inSteps } = strings.forms.bounds;
  const range =
    least !== null && most !== null
      ? between(least, most)
      : least !== null
        ? from(least)
        : most !== null
          ? upTo(most)
          : integer
            ? strings.forms.whole
            : "";
  return [range, step !== null && step !== "1" && inSteps(step)].filter(Boolean).join(", ");
}
