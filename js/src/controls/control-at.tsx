/**
 * Draws the control of a place. A new kind needs a file and a line here; without the line the code does not
 * compile.
 */
import type { FunctionComponent } from "preact";
import type { ControlKind, ControlProps } from "./base";
import { ChoiceView } from "./choice";
import { ChoicesView } from "./choices";
import { FixedView } from "./fixed";
import { FlawLines, messagesOf } from "./flaws";
import { GroupView } from "./group";
import { JsonView } from "./json";
import { ListView } from "./list";
import { memo } from "./memo";
import { NumberView } from "./number";
import type { Resolved } from "./resolve";
import { RowView } from "./row";
import { drawnAs } from "./shape";
import { SwitchView } from "./switch";
import { TextView } from "./text";
import { VariantsView } from "./variants";

const views: { [K in Resolved["kind"]]: ControlKind<Extract<Resolved, { kind: K }>> } = {
  text: TextView,
  number: NumberView,
  switch: SwitchView,
  choice: ChoiceView,
  choices: ChoicesView,
  group: GroupView,
  list: ListView,
  row: RowView,
  variants: VariantsView,
  fixed: FixedView,
  json: JsonView,
};

/** Controls that draw the flaws of their own place themselves, before their content. */
const HOLDERS: readonly Resolved["kind"][] = ["group", "list", "row", "variants"];

export const ControlAt = memo<ControlProps>((props) => {
  const { place, node, flaws } = props;
  const masked = props.masked || place.form.isSecret(props.control);
  const control = drawnAs(place.form.resolve(props.control), node);
  const View = views[control.kind] as FunctionComponent<ControlProps>;
  const messages = HOLDERS.includes(control.kind) ? [] : messagesOf(flaws);
  return (
    <>
      <View {...props} control={control} masked={masked} />
      <FlawLines place={place} messages={messages} />
    </>
  );
});
