/** A choice among several shapes. The text in a shape is kept while another shape is shown. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Json, parse } from "../json";
import type { Variant, VariantsControl } from "../protocol";
import { Shown, shownText } from "../shown";
import * as strings from "../strings";
import { type ControlProps, groupAttributes } from "./base";
import { ControlAt } from "./control-at";
import { ANYTHING } from "./resolve";
import { isBlock, variantOf } from "./shape";

type Props = ControlProps<VariantsControl>;

export function VariantsView(props: Props) {
  const { control, place, node, flaws, readOnly } = props;
  const [chosen, choose] = useState<number | null>(null);
  const written = useRef(new Map<number, Json>());
  const last = useRef<number | null>(null);
  const at = variantOf(place.form, control, node, chosen ?? last.current);
  useLayoutEffect(() => {
    last.current = at; // "12a" in a number is a text for the moment, and must not become the text
  });
  const variant = at === null ? undefined : control.variants[at];
  const inner = place.form.resolve(variant?.control ?? ANYTHING);
  const pick = (index: number) => {
    const next = control.variants[index];
    if (readOnly || !next || index === at) return;
    if (at !== null && node !== undefined) written.current.set(at, node);
    choose(index);
    place.change(written.current.get(index) ?? parse(next.start), false);
  };
  const block = isBlock(place.form, inner);
  return (
    <div
      {...groupAttributes(props)}
      id={`${place.id}-variants`}
      class={block ? "variants block" : "variants"}
      data-flawed={undefined}
    >
      <Picker {...props} at={at} onPick={pick} />
      {variant?.hint && (
        <p class="hint" dir="auto">
          <Shown text={variant.hint} />
        </p>
      )}
      <div class="variant">
        <ControlAt
          key={at ?? -1}
          control={inner}
          place={place}
          node={node}
          flaws={flaws}
          readOnly={readOnly}
          masked={props.masked}
          labelledBy={props.labelledBy}
          describedBy={props.describedBy}
        />
      </div>
    </div>
  );
}

type PickerProps = Props & { at: number | null; onPick(index: number): void };

/** Side by side while the names are few and short. */
function Picker(props: PickerProps) {
  const { variants } = props.control;
  const length = variants.reduce((sum, { label }) => sum + label.length, 0);
  return variants.length <= 4 && length <= 48 ? <Segments {...props} /> : <Select {...props} />;
}

function Segments({ control: { variants }, place, labelledBy, readOnly, at, onPick }: PickerProps) {
  return (
    <div class="segments" role="radiogroup" aria-labelledby={labelledBy}>
      {variants.map(({ label, hint }: Variant, index) => (
        <label key={`${index} ${label}`} class="segment" title={hint || undefined}>
          <input
            type="radio"
            name={`${place.id}-variant`}
            checked={index === at}
            aria-disabled={readOnly}
            onClick={(event) => readOnly && event.preventDefault()}
            onChange={() => onPick(index)}
          />
          <span dir="auto">
            <Shown text={label} />
          </span>
        </label>
      ))}
    </div>
  );
}

function Select({ control: { variants }, labelledBy, readOnly, at, onPick }: PickerProps) {
  return (
    <select
      class="field pick"
      dir="auto"
      aria-labelledby={labelledBy}
      aria-disabled={readOnly}
      value={String(at ?? -1)}
      onChange={({ currentTarget }) => {
        if (readOnly) currentTarget.value = String(at ?? -1);
        else onPick(Number(currentTarget.value));
      }}
    >
      {at === null && <option value="-1">{strings.forms.choose}</option>}
      {variants.map(({ label }, index) => (
        <option key={`${index} ${label}`} value={String(index)}>
          {shownText(label)}
        </option>
      ))}
    </select>
  );
}
