/** The page that leads from a file to a list: it sends the file, then shows what was found in it. */
import htmx from "../common/htmx";
import { byId } from "../common/page";
import { uploadForm } from "./form";

uploadForm({
  words: "lists.looking",
  takes: () => true,
  noFile: "lists.choose_file",
  wrongKind: "lists.choose_kind",
  wrongSource: "lists_order.source",
  read: (uploadId, source) =>
    htmx.ajax("post", `/api/lists/uploads/${uploadId}/inspect`, {
      source: byId("found"),
      target: "#found",
      values: { source },
    }),
});
