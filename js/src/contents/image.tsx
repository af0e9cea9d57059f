/** A raster image: small at first, in full size within the card at a click. */
import { useState } from "preact/hooks";
import { isRaster } from "../links";
import type { Image } from "../protocol";
import { Shown, shownText } from "../shown";
import * as strings from "../strings";

export function ImageView({ src, alt }: Pick<Image, "src" | "alt">) {
  const [full, setFull] = useState(false);
  const [broken, setBroken] = useState(false);
  const name = alt || strings.contents.image;
  if (broken || !isRaster(src))
    return (
      <span class="hint">
        <Shown text={strings.contents.noImage(name)} />
      </span>
    );
  return (
    <button
      type="button"
      class={full ? "image full" : "image"}
      aria-pressed={full}
      title={full ? strings.contents.smaller : strings.contents.fullSize}
      onClick={() => setFull(!full)}
    >
      <img src={src} alt={shownText(name)} onError={() => setBroken(true)} />
    </button>
  );
}
