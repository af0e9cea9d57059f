/** The properties of every control, and the attributes that the elements of a control share. */
import type { FunctionComponent } from "preact";
import type { Json } from "../json";
import type { Control } from "../protocol";
import { type FlawTree, flawsId } from "./flaws";
import type { Place } from "./place";

export interface ControlProps<C extends Control = Control> {
  control: C;
  place: Place;
  /** The value at this place; `undefined` where there is none. */
  node: Json | undefined;
  /** The flaws at this place and below. */
  flaws: FlawTree | undefined;
  readOnly: boolean;
  /** Whether a secret, or a part of a secret, is here: typed text is hidden. */
  masked?: boolean | undefined;
  /** The id of the element that names the control, where no `<label for>` does. */
  labelledBy: string | undefined;
  /** The ids of the elements that describe the control. */
  describedBy: string | undefined;
}

export type ControlKind<C extends Control> = FunctionComponent<ControlProps<C>>;

/** For the element that is filled in. */
export function attributes(props: ControlProps) {
  const { place, flaws, labelledBy } = props;
  return {
    id: place.id,
    "aria-labelledby": labelledBy,
    "aria-describedby": described(props),
    "aria-invalid": flaws !== undefined,
  };
}

/** For the element around several. */
export function groupAttributes(props: ControlProps) {
  const { place, flaws, labelledBy } = props;
  return {
    id: place.id,
    role: "group" as const,
    tabIndex: -1,
    "aria-labelledby": labelledBy,
    "aria-describedby": described(props),
    "data-flawed": flaws && flaws.messages.length > 0 ? "" : undefined,
  };
}

function described({ place, flaws, describedBy }: ControlProps): string | undefined {
  return [describedBy, flaws && flawsId(place)].filter(Boolean).join(" ") || undefined;
}
