// One axis of SORT's filter: a value and its velocity per step. The seven states of the filter
// never mix across axes (its noise and starting covariance are diagonal), so four small filters are
// the same filter.
#pragma once

namespace vitrine {

class KalmanAxis {
 public:
  KalmanAxis() = default;
  KalmanAxis(double value, double measurement_noise, double velocity_noise, bool moves);
  void predict(double steps);
  void correct(double measured);
  double value() const { return value_; }
  double velocity() const { return velocity_; }
  void stop() { velocity_ = 0; }

 private:
  double value_ = 0, velocity_ = 0;
  double variance_ = 0, covariance_ = 0, velocity_variance_ = 0;
  double measurement_noise_ = 1, velocity_noise_ = 0;
  bool moves_ = false;
};

}  // namespace vitrine
