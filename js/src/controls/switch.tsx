import type { SwitchControl } from "../protocol";
import { attributes, type ControlProps } from "./base";

export function SwitchView(props: ControlProps<SwitchControl>) {
  const { place, node, readOnly } = props;
  return (
    <input
      {...attributes(props)}
      type="checkbox"
      class="tick"
      checked={node === true}
      indeterminate={typeof node !== "boolean"}
      aria-disabled={readOnly}
      onClick={(event) => readOnly && event.preventDefault()}
      onChange={(event) => place.change(event.currentTarget.checked)}
    />
  );
}
