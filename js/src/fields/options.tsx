/** A choice among a few answers: a button for each, with a digit as the key; a click sends the answer. */
import { Cap } from "../cap";
import { isSame, parse } from "../json";
import { latinKey } from "../keyboard";
import type { ChoiceControl, Flaw, Option } from "../protocol";
import { Shown } from "../shown";
import { FlawList } from "./flaws";

interface Props {
  control: ChoiceControl;
  draft: string;
  flaws: readonly Flaw[];
  readOnly: boolean;
  id: string;
  labelledBy: string;
  describedBy: string | undefined;
  /** Takes the JSON text of the option. */
  onPick(draft: string): void;
}

export function Options({ control: { options }, draft, flaws, readOnly, id, onPick, ...named }: Props) {
  const chosen = chosenIn(options, draft);
  const pick = (index: number) => {
    const option = options[index];
    if (option && !readOnly) onPick(option.value);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const index = placeOf(options, latinKey(event));
    if (index < 0) return;
    event.preventDefault();
    pick(index);
  };
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset brings a border and a legend along */}
      <div
        id={id}
        class="picks"
        role="group"
        tabIndex={-1}
        data-keys
        aria-labelledby={named.labelledBy}
        aria-describedby={named.describedBy}
        onKeyDown={onKeyDown}
      >
        {options.map((option, index) => (
          <div key={option.value} class={option.hint ? "choice hinted" : "choice"}>
            <button
              type="button"
              class="pick"
              dir="auto"
              aria-pressed={index === chosen}
              aria-disabled={readOnly}
              aria-keyshortcuts={index < 9 ? [index + 1, letterOf(option)].join(" ").trim() : undefined}
              aria-describedby={option.hint ? `${id}-${index}-hint` : undefined}
              onClick={(event) => event.detail < 2 && pick(index)} // the second of a double click meets the next question
            >
              <Shown text={option.label} />
              {index < 9 && <Cap>{index + 1}</Cap>}
            </button>
            {option.hint && (
              <span id={`${id}-${index}-hint`} class="hint" dir="auto">
                <Shown text={option.hint} />
              </span>
            )}
          </div>
        ))}
      </div>
      <FlawList id={`${id}-flaws`} flaws={flaws} />
    </>
  );
}

/** A digit chooses by place; yes and no have letters as well. */
function placeOf(options: ChoiceControl["options"], key: string): number {
  if (/^[1-9]$/.test(key)) return Number(key) - 1;
  return options.findIndex((option) => letterOf(option) === key.toLowerCase());
}

function letterOf({ value }: Option): string {
  return { true: "y", '"yes"': "y", false: "n", '"no"': "n" }[value.toLowerCase()] ?? "";
}

function chosenIn(options: ChoiceControl["options"], draft: string): number {
  try {
    const value = parse(draft);
    return options.findIndex((option) => isSame(parse(option.value), value));
  } catch {
    return -1; // nothing is chosen yet
  }
}
