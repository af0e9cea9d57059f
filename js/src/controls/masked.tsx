/** Hides the typed text until the person asks to see the text. */
import { useState } from "preact/hooks";
import * as strings from "../strings";
import type { attributes } from "./base";

export interface InputAttributes extends ReturnType<typeof attributes> {
  class: string;
  value: string;
  readOnly: boolean;
  dir?: "ltr";
  inputMode?: "numeric" | "decimal" | "text";
  onInput(event: InputEvent & { currentTarget: HTMLInputElement }): void;
  onKeyDown?(event: KeyboardEvent): void;
}

export function Masked(props: InputAttributes) {
  const [shown, show] = useState(false);
  const input = {
    ...props,
    autocomplete: "new-password",
    autocapitalize: "off",
    spellcheck: false,
  } as const;
  return (
    <>
      {shown ? <input {...input} type="text" /> : <input {...input} type="password" />}
      <button type="button" aria-pressed={shown} aria-controls={props.id} onClick={() => show(!shown)}>
        {shown ? strings.forms.hide : strings.forms.show}
      </button>
    </>
  );
}
