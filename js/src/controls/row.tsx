/** A list whose items differ by their place. */
import { isList, type Json, parse } from "../json";
import type { RowControl } from "../protocol";
import * as strings from "../strings";
import { type ControlProps, groupAttributes } from "./base";
import { Add } from "./buttons";
import { FlawLines, messagesOf } from "./flaws";
import { Labelled } from "./labelled";
import { ANYTHING } from "./resolve";

export function RowView(props: ControlProps<RowControl>) {
  const { control, place, node, flaws, readOnly, masked } = props;
  const items: readonly Json[] = isList(node) ? node : [];
  const next = control.items[items.length];
  const drawn = new Set(items.map((_, index) => String(index)));
  return (
    <div {...groupAttributes(props)} class="members">
      <FlawLines place={place} messages={messagesOf(flaws, drawn)} />
      {items.map((item, index) => {
        const member = control.items[index];
        return (
          <Labelled
            key={index}
            control={member?.control ?? ANYTHING}
            place={place.child(index)}
            node={item}
            flaws={flaws?.below.get(String(index))}
            readOnly={readOnly}
            masked={masked}
            label={member?.label || strings.forms.item(index + 1)}
            hint={member?.hint ?? ""}
            required={member?.required ?? false}
          />
        );
      })}
      {next && (
        <div class="add">
          <Add
            off={readOnly}
            onClick={() => {
              place.child(items.length).focus();
              place.change([...items, parse(next.start)], false);
            }}
          >
            {next.label || strings.forms.item(items.length + 1)}
          </Add>
        </div>
      )}
    </div>
  );
}
