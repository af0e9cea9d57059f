/** A control with a name and a hint: a member of a group, an item of a list. */
import type { ComponentChildren } from "preact";
import { Shown } from "../shown";
import * as strings from "../strings";
import type { ControlProps } from "./base";
import { ControlAt } from "./control-at";
import { drawnAs, isBlock, isSingle, mayBeEmpty } from "./shape";

type Props = Omit<ControlProps, "labelledBy" | "describedBy"> & {
  label: string;
  hint: string;
  required: boolean;
  /** Buttons at the end. */
  tools?: ComponentChildren;
  /** The buttons are seen only where a person is at work; there may be none for now. */
  late?: boolean;
  /** In place of the name. */
  name?: ComponentChildren;
};

export function Required() {
  return (
    <span class="required" title={strings.forms.required}>
      {" *"}
    </span>
  );
}

export function Labelled({ label, hint, required, tools, late, name, ...props }: Props) {
  const { place, node } = props;
  const control = place.form.resolve(props.control);
  const [labelId, hintId] = [`${place.id}-name`, `${place.id}-hint`];
  const block = isBlock(place.form, control);
  const single = isSingle(drawnAs(control, node));
  const shown = (
    <>
      <Shown text={label} />
      {required && mayBeEmpty(control) && <Required />}
    </>
  );
  return (
    <div class={block ? "member block" : "member"}>
      <div class="name">
        {name}
        {single ? (
          <label id={labelId} for={place.id} dir="auto" class={name ? "unseen" : undefined}>
            {shown}
          </label>
        ) : (
          <span id={labelId} dir="auto" class={name ? "unseen" : undefined}>
            {shown}
          </span>
        )}
      </div>
      <div class="value">
        <ControlAt
          {...props}
          labelledBy={single ? undefined : labelId}
          describedBy={hint ? hintId : undefined}
        />
        {hint && (
          <p id={hintId} class="hint">
            <bdi>
              <Shown text={hint} />
            </bdi>
          </p>
        )}
      </div>
      {(tools || late) && <div class={late ? "tools late" : "tools"}>{tools}</div>}
    </div>
  );
}
