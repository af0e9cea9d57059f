/** Some of several. */
import { isList, isSame, type Json, parse, write } from "../json";
import type { ChoicesControl } from "../protocol";
import { Shown } from "../shown";
import { type ControlProps, groupAttributes } from "./base";

export function ChoicesView(props: ControlProps<ChoicesControl>) {
  const { control, place, node, readOnly } = props;
  const chosen = isList(node) ? node : [];
  const options = control.options.map((option) => ({ ...option, json: parse(option.value) }));
  const strays = chosen.filter((one) => !options.some(({ json }) => isSame(json, one)));
  const all = [
    ...options,
    ...strays.map((json) => ({ json, label: write(json), hint: "", value: write(json) })),
  ];
  const toggle = (json: Json) => place.change(toggled(chosen, json, all));
  return (
    <div {...groupAttributes(props)} class="options">
      {all.map(({ json, label, hint, value }, index) => (
        <div key={`${index} ${value}`} class="option">
          <input
            type="checkbox"
            class="tick"
            id={`${place.id}-${index}`}
            checked={chosen.some((one) => isSame(one, json))}
            aria-invalid={props.flaws !== undefined}
            aria-disabled={readOnly}
            aria-describedby={hint ? `${place.id}-${index}-hint` : undefined}
            onClick={(event) => readOnly && event.preventDefault()}
            onChange={() => toggle(json)}
          />
          <label for={`${place.id}-${index}`} dir="auto">
            <Shown text={label} />
          </label>
          {hint && (
            <span id={`${place.id}-${index}-hint`} class="hint" dir="auto">
              <Shown text={hint} />
            </span>
          )}
        </div>
      ))}
    </div>
  );
}

/**
 * A new value goes to the place that the order of the options gives; the present values keep their places.
 */
function toggled(chosen: readonly Json[], json: Json, all: { json: Json }[]): Json[] {
  const rest = chosen.filter((one) => !isSame(one, json));
  if (rest.length < chosen.length) return rest;
  const rank = (one: Json) => all.findIndex((option) => isSame(option.json, one));
  const later = chosen.findIndex((one) => rank(one) > rank(json));
  return chosen.toSpliced(later < 0 ? chosen.length : later, 0, json);
}
