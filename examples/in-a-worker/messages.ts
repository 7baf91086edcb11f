/** What the page and its Worker say to each other. */

/** From the page: begin, or stop. */
export type Request = { readonly train: { readonly epochs: number; readonly target: string } } | { readonly stop: true };

/** From the Worker: an epoch is over, all is over, or something went wrong. */
export type Report =
  | { readonly epoch: number; readonly loss: number; readonly accuracy: number }
  | { readonly done: string }
  | { readonly error: string };
