/** Nothing to choose. */
import { parse, write } from "../json";
import type { FixedControl } from "../protocol";
import { Shown } from "../shown";
import type { ControlProps } from "./base";

export function FixedView({ control: { value } }: ControlProps<FixedControl>) {
  const fixed = parse(value);
  if (fixed === null) return null;
  return (
    <span class="fixed" dir="auto">
      <Shown text={typeof fixed === "string" ? fixed : write(fixed)} />
    </span>
  );
}
