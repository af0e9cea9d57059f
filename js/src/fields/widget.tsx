/** An ipywidget from the user: shown in the card, while the kernel reads the value. */
import { useContext, useEffect, useId, useState } from "preact/hooks";
import { Embedding } from "../embed";
import type { WidgetField } from "../protocol";
import { Shown } from "../shown";
import * as strings from "../strings";
import { type FieldKind, type FieldProps, VALID } from "./base";

export const widget: FieldKind = {
  View: WidgetView,
  code: true,
  editable: true,
  drafted: false,
  labels: () => false,
  checked: false,
  typed: true,
  check: () => VALID,
};

/** Time for code of a widget to load and draw, before the person is told. */
const DRAWN_WITHIN_MS = 4_000;

function WidgetView({ question, labelledBy, describedBy, onDrawn, onJson }: FieldProps) {
  const { widget: modelId } = question.field as WidgetField;
  const embed = useContext(Embedding);
  const slot = useId();
  const [why, setWhy] = useState("");
  useEffect(() => {
    const ends = new AbortController();
    let late: ReturnType<typeof setTimeout>;
    const told = (isDrawn: boolean) => {
      onDrawn(isDrawn);
      clearTimeout(late);
      if (isDrawn) setWhy("");
      else late = setTimeout(setWhy, DRAWN_WITHIN_MS, strings.widget.notDrawn);
    };
    onDrawn(false);
    const shown = embed
      ? embed(modelId, slot, ends.signal, told)
      : Promise.reject(new Error(strings.widget.noPage));
    shown.catch((error: Partial<Error>) => setWhy(error.message ?? String(error)));
    return () => {
      ends.abort();
      told(true); // the JSON editor may come next
    };
  }, [embed, modelId, slot]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a border and a legend along
    <div class="embedded" role="group" aria-labelledby={labelledBy} aria-describedby={describedBy}>
      {why && (
        <p class="problem" role="alert">
          <Shown text={strings.widget.cannotShow(why)} />
          <button type="button" class="quiet switch-form" onClick={onJson}>
            {strings.machine.toJson}
          </button>
        </p>
      )}
      <slot name={slot} />
    </div>
  );
}
