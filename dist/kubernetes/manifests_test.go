// Checks wasmton.yaml by Kubernetes' own types, as the API server would read it: go test
package manifests

import (
	"fmt"
	"os"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"
)

type manifests struct {
	secret     corev1.Secret
	deployment appsv1.Deployment
	budget     policyv1.PodDisruptionBudget
	autoscaler autoscalingv2.HorizontalPodAutoscaler
}

// check reads all documents of the text. An unknown field, a field that is given twice and a value of the wrong type
// are errors, and so is a name that refers to nothing.
func check(text string) error {
	var all manifests
	kinds := map[string]any{
		"v1 Secret":                              &all.secret,
		"apps/v1 Deployment":                     &all.deployment,
		"policy/v1 PodDisruptionBudget":          &all.budget,
		"autoscaling/v2 HorizontalPodAutoscaler": &all.autoscaler,
	}
	for _, document := range strings.Split(text, "\n---\n") {
		var meta metav1.TypeMeta
		if err := yaml.Unmarshal([]byte(document), &meta); err != nil {
			return err
		}
		kind := meta.APIVersion + " " + meta.Kind
		if kinds[kind] == nil {
			return fmt.Errorf("no or a second %s", kind)
		}
		if err := yaml.UnmarshalStrict([]byte(document), kinds[kind]); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		delete(kinds, kind)
	}
	if len(kinds) > 0 {
		return fmt.Errorf("missing: %v", kinds)
	}
	return all.references()
}

func (all *manifests) references() error {
	template := all.deployment.Spec.Template
	for name, selector := range map[string]*metav1.LabelSelector{
		"Deployment": all.deployment.Spec.Selector, "PodDisruptionBudget": all.budget.Spec.Selector,
	} {
		selects, err := metav1.LabelSelectorAsSelector(selector)
		if err != nil || selects.Empty() || !selects.Matches(labels.Set(template.Labels)) {
			return fmt.Errorf("the selector of the %s does not select the pods: %v", name, err)
		}
	}
	target := all.autoscaler.Spec.ScaleTargetRef
	if target.Kind != "Deployment" || target.APIVersion != "apps/v1" || target.Name != all.deployment.Name {
		return fmt.Errorf("the HorizontalPodAutoscaler scales %v", target)
	}
	volumes := map[string]bool{}
	for _, volume := range template.Spec.Volumes {
		volumes[volume.Name] = true
	}
	for _, container := range template.Spec.Containers {
		ports := map[string]bool{}
		for _, port := range container.Ports {
			ports[port.Name] = true
		}
		for _, probe := range []*corev1.Probe{container.StartupProbe, container.LivenessProbe, container.ReadinessProbe} {
			if probe == nil || !ports[probe.HTTPGet.Port.String()] {
				return fmt.Errorf("a probe of %s is missing or asks no port of it", container.Name)
			}
		}
		for _, variable := range container.Env {
			if variable.ValueFrom == nil {
				continue
			}
			key := variable.ValueFrom.SecretKeyRef
			if key == nil || key.Name != all.secret.Name || all.secret.StringData[key.Key] == "" {
				return fmt.Errorf("%s comes from no secret", variable.Name)
			}
		}
		for _, mount := range container.VolumeMounts {
			if !volumes[mount.Name] {
				return fmt.Errorf("there is no volume %s", mount.Name)
			}
		}
	}
	return nil
}

func read(t *testing.T) string {
	text, err := os.ReadFile("wasmton.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestManifestsAreValid(t *testing.T) {
	if err := check(read(t)); err != nil {
		t.Error(err)
	}
}

func TestFaultsAreFound(t *testing.T) {
	text := read(t)
	for _, fault := range [][2]string{
		{"replicas: 2", "replica: 2"},
		{"replicas: 2", "replicas: two"},
		{"replicas: 2", "replicas: 2\n  replicas: 3"},
		{"apiVersion: policy/v1", "apiVersion: policy/v1beta1"},
		{"runAsUser: 65534", "runAsUser: nobody"},
		{"memory: 768Mi", "memory: 768 MB"},
		{"maxUnavailable: 1\n  selector:\n    matchLabels: {app.kubernetes.io/instance: orders}",
			"maxUnavailable: 1\n  selector:\n    matchLabels: {app.kubernetes.io/instance: other}"},
		{"kind: Deployment, name: orders", "kind: Deployment, name: other"},
		{"key: sasl.jaas.config}", "key: password}"},
		{"path: /ready, port: metrics", "path: /ready, port: http"},
		{"- name: tmp\n          emptyDir", "- name: temp\n          emptyDir"},
	} {
		faulty := strings.Replace(text, fault[0], fault[1], 1)
		if faulty == text {
			t.Errorf("not in the file: %q", fault[0])
		} else if check(faulty) == nil {
			t.Errorf("not found: %q", fault[1])
		}
	}
}
