import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeSet;
import software.amazon.event.ruler.Machine;

/**
 * Tells which rules match events. The first line of the input is an object of event patterns by their rules' names, each
 * further line an event. Each line of the output is the sorted list of the names of the rules that match an event.
 */
public final class MatchingRules {
  public static void main(String[] arguments) throws Exception {
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var output = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
    var mapper = new ObjectMapper();
    var machine = Machine.builder().build();
    for (Map.Entry<String, JsonNode> rule : mapper.readTree(input.readLine()).properties()) {
      machine.addRule(rule.getKey(), rule.getValue().toString());
    }
    for (String event = input.readLine(); event != null; event = input.readLine()) {
      output.write(mapper.writeValueAsString(new TreeSet<>(machine.rulesForJSONEvent(event))));
      output.newLine();
    }
    output.flush();
  }
}
