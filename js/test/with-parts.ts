/** The parts of the card, as after loading. */
import * as batch from "../src/batch-part";
import * as markdown from "../src/contents/markdown-part";
import { parts } from "../src/parts";

parts.batch.value = batch;
parts.markdown.value = markdown;
