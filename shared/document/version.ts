/** The document as it once was: what is said of it, in storage, over HTTP and in the SDK. */
export interface Version {
  /** 1, 2, 3, … in the order in which they were kept. */
  readonly id: number;
  /** The newest row that is in it. */
  readonly seq: number;
  /** ms since 1970. */
  readonly at: number;
  /** As somebody called it; null: it was kept by itself. */
  readonly name: string | null;
  /** The id of the user whose wish it was; "" for nobody's. */
  readonly by: string;
  /** Of its content. */
  readonly bytes: number;
}
