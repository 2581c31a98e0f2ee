/**
 * The cells of Momento by AWS region, as Momento's documentation listed them in August 2026.
 *
 * Their names follow no rule, so the cell of another region cannot be guessed.
 */
export const MOMENTO_CELLS: Readonly<Record<string, string>> = {
  'ap-northeast-1': 'cell-ap-northeast-1-1',
  'ap-south-1': 'cell-1-ap-south-1-1',
  'ap-southeast-1': 'cell-1-ap-southeast-1-1',
  'ap-southeast-2': 'cell-1-ap-southeast-2-1',
  'eu-central-1': 'cell-1-eu-central-1-1',
  'eu-north-1': 'cell-1-eu-north-1-1',
  'eu-west-1': 'cell-1-eu-west-1-1',
  'eu-west-2': 'cell-1-eu-west-2-1',
  'us-east-1': 'cell-us-east-1-1',
  'us-east-2': 'cell-1-us-east-2-1',
  'us-west-2': 'cell-4-us-west-2-1',
};
