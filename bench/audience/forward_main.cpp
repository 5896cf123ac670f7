// bench-audience-forward CFG WEIGHTS WIDTH HEIGHT ROUNDS: what OpenCV's network itself costs, with
// nothing before and nothing after it, in milliseconds of one thread; the least any detector on it
// can cost.
#include <cstdio>
#include <cstdlib>
#include <opencv2/dnn.hpp>

#include "platform/clock.hpp"

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "usage: %s CFG WEIGHTS WIDTH HEIGHT ROUNDS\n", argv[0]);
    return 2;
  }
  cv::setNumThreads(1);
  cv::dnn::Net net = cv::dnn::readNetFromDarknet(argv[1], argv[2]);
  const int shape[] = {1, 3, std::atoi(argv[4]), std::atoi(argv[3])};
  const cv::Mat input(4, shape, CV_32F, cv::Scalar(0.5));
  const auto outputs = net.getUnconnectedOutLayersNames();
  std::vector<cv::Mat> answers;
  const int rounds = std::atoi(argv[5]);
  std::int64_t spent_ns = 0;
  for (int i = -5; i < rounds; ++i) {  // the first few find their buffers
    net.setInput(input);
    const std::int64_t before = vitrine::thread_processor_ns();
    net.forward(answers, outputs);
    if (i >= 0) spent_ns += vitrine::thread_processor_ns() - before;
  }
  std::printf("%.3f\n", static_cast<double>(spent_ns) * 1e-6 / rounds);
  return 0;
}
