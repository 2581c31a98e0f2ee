import { join } from 'node:path';
import { type ReleasedFile, releasedFile } from './released-file';
import { objectKey } from './release';

/** The handlers' code as it was built, of which a template takes what it needs. */
export class HandlerZips {
  private readonly taken = new Map<string, ReleasedFile>();

  /** @param directory where the zips are, named `<handler>-<architecture>.zip` */
  public constructor(private readonly directory: string) {}

  /** What a template has taken, for a release to upload. */
  public get files(): readonly ReleasedFile[] {
    return [...this.taken.values()];
  }

  /** The key of a zip in the buckets. It holds the hash of the zip, so that no other code can come under it. */
  public key(handler: string, architecture: string): string {
    const name = `${handler}-${architecture}.zip`;
    const zip = releasedFile(join(this.directory, name), 'application/zip', (sha256) => objectKey(`${sha256}/${name}`));
    this.taken.set(name, zip);
    return zip.key;
  }
}
