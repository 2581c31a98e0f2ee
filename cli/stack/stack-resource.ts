/** A resource of a stack, or of a stack nested in it. */
export interface StackResource {
  readonly logicalId: string;
  /** Such as `AWS::SQS::Queue`. */
  readonly type: string;
  /** What CloudFormation calls it: of a queue the URL, of a function the name. */
  readonly physicalId: string;
}
