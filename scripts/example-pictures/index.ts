// Draws examples/*/picture.svg: what flows where in the examples that have no page to take a picture of. A test fails if a picture
// is not what its description gives.
//
// usage: npm run example-pictures
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sayMade } from '../made';
import { FLOWS } from './flows';
import { pictureOf } from './picture';

/** Where the picture of an example is. */
export function pathOf(example: string): string {
  return join(__dirname, '../../examples', example, 'picture.svg');
}

if (require.main === module) {
  for (const [example, flow] of Object.entries(FLOWS)) {
    writeFileSync(pathOf(example), pictureOf(flow));
    sayMade(pathOf(example));
  }
}
