#include "audience/kalman.hpp"

namespace vitrine {
namespace {

// SORT's covariances: positions start at 10, the never-measured velocities at 10 * 1000; one unit
// of process noise a step.
constexpr double kStartVariance = 10;
constexpr double kStartVelocityVariance = 10000;
constexpr double kProcessNoise = 1;

}  // namespace

KalmanAxis::KalmanAxis(double value, double measurement_noise, double velocity_noise, bool moves)
    : value_(value),
      variance_(kStartVariance),
      velocity_variance_(moves ? kStartVelocityVariance : 0),
      measurement_noise_(measurement_noise),
      velocity_noise_(velocity_noise),
      moves_(moves) {}

void KalmanAxis::predict(double steps) {
  if (moves_) {
    value_ += steps * velocity_;
    variance_ += steps * (2 * covariance_ + steps * velocity_variance_);
    covariance_ += steps * velocity_variance_;
    velocity_variance_ += steps * velocity_noise_;
  }
  variance_ += steps * kProcessNoise;
}

void KalmanAxis::correct(double measured) {
  const double total = variance_ + measurement_noise_;
  const double gain = variance_ / total;
  const double velocity_gain = covariance_ / total;
  const double innovation = measured - value_;
  value_ += gain * innovation;
  velocity_ += velocity_gain * innovation;
  velocity_variance_ -= velocity_gain * covariance_;
  covariance_ *= 1 - gain;
  variance_ *= 1 - gain;
}

}  // namespace vitrine
