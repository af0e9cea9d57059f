/** Suggested texts, each with a button, above a field for any further text. */
import { Shown } from "./shown";
import * as strings from "./strings";

interface Props {
  options: readonly string[];
  value: string;
  readOnly: boolean;
  labelledBy: string | undefined;
  onPick(option: string): void;
}

export function Offers({ options, value, readOnly, labelledBy, onPick }: Props) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a border and a legend along
    <div class="offers" role="group" aria-labelledby={labelledBy}>
      {options.map((option) => (
        <button
          key={option}
          type="button"
          class="offer"
          dir="auto"
          aria-pressed={option === value}
          aria-disabled={readOnly}
          onClick={() => readOnly || onPick(option)}
        >
          <Shown text={option} />
        </button>
      ))}
      <span class="hint">{strings.question.orOther}</span>
    </div>
  );
}
