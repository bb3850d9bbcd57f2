// Workers that take and give back locks of ZooKeeper, each as soon as it can: what the load on Holdfast does, with the
// lock recipe of Apache Curator, or with nothing but the create and the delete of an ephemeral node, which is the least
// that a lock costs. One connection for all workers, a thread for each. Reads "recipe|node workers seconds hot|own"
// from its input, a line for each run, and prints the figures of each as a line of JSON.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;

public class Load {
  interface Lock {
    void acquire() throws Exception;

    void release() throws Exception;
  }

  static Lock recipe(CuratorFramework client, String name) {
    InterProcessMutex mutex = new InterProcessMutex(client, "/bench/recipe/" + name);
    return new Lock() {
      public void acquire() throws Exception {
        mutex.acquire();
      }

      public void release() throws Exception {
        mutex.release();
      }
    };
  }

  static Lock node(CuratorFramework client, String name) throws Exception {
    ZooKeeper zooKeeper = client.getZookeeperClient().getZooKeeper();
    String path = "/bench/node/" + name;
    return new Lock() {
      public void acquire() throws Exception {
        zooKeeper.create(path, new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
      }

      public void release() throws Exception {
        zooKeeper.delete(path, -1);
      }
    };
  }

  static void work(Lock lock, long from, long until, ConcurrentLinkedQueue<double[]> all) {
    double[] millis = new double[1024];
    int count = 0;
    try {
      while (System.nanoTime() < until) {
        long start = System.nanoTime();
        lock.acquire();
        double took = (System.nanoTime() - start) / 1e6;
        lock.release();
        long end = System.nanoTime();
        if (end < from || end >= until) continue;
        if (count == millis.length) millis = Arrays.copyOf(millis, 2 * count);
        millis[count++] = took;
      }
    } catch (Exception error) {
      error.printStackTrace();
      System.exit(1);
    }
    all.add(Arrays.copyOf(millis, count));
  }

  static String run(CuratorFramework client, String[] asked) throws Exception {
    int workers = Integer.parseInt(asked[1]);
    double seconds = Double.parseDouble(asked[2]);
    long from = System.nanoTime() + 1_000_000_000L;
    long until = from + (long) (seconds * 1e9);
    ConcurrentLinkedQueue<double[]> all = new ConcurrentLinkedQueue<>();
    Thread[] threads = new Thread[workers];
    for (int worker = 0; worker < workers; worker++) {
      String name = asked[3].equals("hot") ? "hot" : "" + worker;
      Lock lock = asked[0].equals("recipe") ? recipe(client, name) : node(client, name);
      threads[worker] = new Thread(() -> work(lock, from, until, all));
      threads[worker].start();
    }
    for (Thread thread : threads) thread.join();
    double[] millis = all.stream().flatMapToDouble(Arrays::stream).sorted().toArray();
    return String.format(
        "{\"perSecond\":%f,\"p50Ms\":%f,\"p99Ms\":%f,\"p999Ms\":%f}",
        millis.length / seconds, rank(millis, 0.5), rank(millis, 0.99), rank(millis, 0.999));
  }

  static double rank(double[] sorted, double share) {
    return sorted.length == 0 ? 0 : sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
  }

  public static void main(String[] args) throws Exception {
    CuratorFramework client = CuratorFrameworkFactory.newClient(args[0], new RetryOneTime(1000));
    client.start();
    client.blockUntilConnected();
    for (String path : new String[] {"/bench/node", "/bench/recipe"}) {
      client.create().creatingParentsIfNeeded().forPath(path);
    }
    System.out.println("ready");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(run(client, line.split(" ")));
    }
    System.exit(0);
  }
}
