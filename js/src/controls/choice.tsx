/** A choice among several options: all visible at once while there are few. */
import { isSame, type Json, parse, write } from "../json";
import type { ChoiceControl, Option } from "../protocol";
import { Shown, shownText } from "../shown";
import * as strings from "../strings";
import { attributes, type ControlProps, groupAttributes } from "./base";
import { RADIOS } from "./shape";

type Props = ControlProps<ChoiceControl>;

export function ChoiceView(props: Props) {
  return props.control.options.length > RADIOS ? <Select {...props} /> : <Radios {...props} />;
}

function chosen({ control: { options }, node }: Props): number {
  return node === undefined ? -1 : options.findIndex(({ value }) => isSame(parse(value), node));
}

function Radios(props: Props) {
  const { control, place, node, readOnly } = props;
  const at = chosen(props);
  return (
    <div
      {...groupAttributes(props)}
      role="radiogroup"
      tabIndex={undefined}
      aria-invalid={props.flaws !== undefined}
    >
      {control.options.map((option, index) => (
        <Labelled key={option.value} id={`${place.id}-${index}`} option={option}>
          <input
            type="radio"
            class="tick"
            id={`${place.id}-${index}`}
            name={place.id}
            checked={index === at}
            aria-disabled={readOnly}
            aria-describedby={option.hint ? `${place.id}-${index}-hint` : undefined}
            onClick={(event) => readOnly && event.preventDefault()}
            onChange={() => place.change(parse(option.value))}
          />
        </Labelled>
      ))}
      {at < 0 && <Stray node={node} />}
    </div>
  );
}

/** The value is none of the options: shown nevertheless. */
function Stray({ node }: { node: Json | undefined }) {
  if (node === undefined || node === null || node === "") return null;
  return (
    <span class="hint" dir="auto">
      <Shown text={strings.forms.stray(write(node))} />
    </span>
  );
}

function Labelled({
  id,
  option,
  children,
}: {
  id: string;
  option: Option;
  children: preact.ComponentChildren;
}) {
  return (
    <div class="option">
      {children}
      <label for={id} dir="auto">
        <Shown text={option.label} />
      </label>
      {option.hint && (
        <span id={`${id}-hint`} class="hint" dir="auto">
          <Shown text={option.hint} />
        </span>
      )}
    </div>
  );
}

function Select(props: Props) {
  const { control, place, node, readOnly } = props;
  const at = chosen(props);
  const stray = node === undefined || node === null || node === "" ? strings.forms.choose : write(node);
  return (
    <>
      <select
        {...attributes(props)}
        class="field"
        dir="auto"
        value={String(at)}
        aria-disabled={readOnly}
        onChange={({ currentTarget }) => {
          const option = control.options[Number(currentTarget.value)];
          if (option && !readOnly) place.change(parse(option.value));
          else currentTarget.value = String(at);
        }}
      >
        {at < 0 && <option value="-1">{shownText(stray)}</option>}
        {control.options.map(({ value, label }, index) => (
          <option key={value} value={String(index)}>
            {shownText(label)}
          </option>
        ))}
      </select>
      {control.options[at]?.hint && (
        <p class="hint" dir="auto">
          <Shown text={control.options[at].hint} />
        </p>
      )}
    </>
  );
}
