/** The page of the outcome feed: it sends a file, lets it be taken in, and shows what became of it. */
import htmx from "../common/htmx";
import { byId } from "../common/page";
import { uploadForm } from "../lists/form";

uploadForm({
  words: "outcomes.reading",
  takes: (kind) => kind === "csv",
  noFile: "outcomes.choose_csv",
  wrongKind: "outcomes.choose_csv",
  wrongSource: "outcomes.source_missing",
  read: (uploadId, source) =>
    htmx.ajax("post", "/api/outcomes", {
      source: byId("found"),
      target: "#found",
      values: { upload_id: uploadId, source },
    }),
});
