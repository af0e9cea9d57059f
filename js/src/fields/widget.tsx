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

function WidgetView({ question, labelledBy, describedBy }: FieldProps) {
  const { widget: modelId } = question.field as WidgetField;
  const embed = useContext(Embedding);
  const slot = useId();
  const [why, setWhy] = useState("");
  useEffect(() => {
    const ends = new AbortController();
    const shown = embed
      ? embed(modelId, slot, ends.signal)
      : Promise.reject(new Error(strings.widget.noPage));
    shown.catch((error: unknown) => setWhy(error instanceof Error ? error.message : String(error)));
    return () => ends.abort();
  }, [embed, modelId, slot]);
  if (why !== "") {
    return (
      <p class="problem" role="alert">
        <Shown text={strings.widget.cannotShow(why)} />
      </p>
    );
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a border and a legend along
    <div class="embedded" role="group" aria-labelledby={labelledBy} aria-describedby={describedBy}>
      <slot name={slot} />
    </div>
  );
}
